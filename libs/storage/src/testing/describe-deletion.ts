import { describe, expect, it } from 'vitest';
import { deleteStudy, isStudyStored } from '../delete-study.ts';
import { enqueueConfigurations } from '../enqueue-configurations.ts';
import { eventsAfter } from '../events.ts';
import { pauseStudy, resumeStudy, setArchived } from '../pause-study.ts';
import { recordMeasurements } from '../record-measurements.ts';
import { findTrial } from '../trials.ts';
import { cancelStudy, createStudy, findStudy, setStudyState } from '../studies.ts';
import type { DatabaseOf } from './describe-storage.ts';
import { measured, runningStudy } from './running-study.ts';
import { sampleStudy } from './sample-study.ts';

export function describeDeletion(databaseOf: DatabaseOf): void {
  describe('studies that are put away, deleted and added to', () => {
    const nothing = async (): Promise<void> => {};

    it('are deleted with all that hangs on them; others forget that they came from them', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      const [trial] = await propose(0);
      await recordMeasurements(db, (await claim()).writer, [measured(1, 0.5)]);
      const child = await createStudy(db, sampleStudy({ name: `${study.name}-child`, from: study.name }));
      await cancelStudy(db, study.id, 'done');
      const { trialIds } = await deleteStudy(db, study.id, { confirmedName: study.name, beforeCommit: nothing });
      expect(trialIds).toEqual([trial?.id]);
      expect(await isStudyStored(db, study.id)).toBe(false);
      expect(await findTrial(db, trial?.id as string)).toBeUndefined();
      expect(await findStudy(db, study.id)).toBeUndefined();
      expect(await eventsAfter(db, study.id, { sequence: 0 })).toEqual([]);
      expect(await findStudy(db, child.id)).toMatchObject({ from: null });
    });

    it('are kept while they run, where the name is not theirs, and where the last step fails', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      await propose(0);
      const attempt = (confirmedName = study.name, beforeCommit = nothing) =>
        deleteStudy(db, study.id, { confirmedName, beforeCommit });
      await expect(attempt()).rejects.toMatchObject({ code: 'study-running' });
      await claim();
      await pauseStudy(db, study.id);
      await expect(attempt()).rejects.toMatchObject({ code: 'study-running' });
      await cancelStudy(db, study.id, 'done');
      await expect(attempt('another')).rejects.toMatchObject({ code: 'name-not-confirmed' });
      await expect(attempt(study.name, () => Promise.reject(new Error('the disk')))).rejects.toThrow('the disk');
      expect(await isStudyStored(db, study.id)).toBe(true);
      expect(await findStudy(db, study.id)).toMatchObject({ state: 'CANCELLED' });
    });

    it('pause and go on, and a cancelled one does neither', async () => {
      const db = databaseOf();
      const { study } = await runningStudy(db);
      expect(await pauseStudy(db, study.id)).toMatchObject({ state: 'PAUSED' });
      expect(await resumeStudy(db, study.id)).toMatchObject({ state: 'RUNNING' });
      await setStudyState(db, study.id, 'COMPLETED');
      await expect(pauseStudy(db, study.id)).rejects.toMatchObject({ code: 'study-ended' });
      await cancelStudy(db, study.id, 'done');
      await expect(pauseStudy(db, study.id)).rejects.toMatchObject({ code: 'study-cancelled' });
      await expect(resumeStudy(db, study.id)).rejects.toMatchObject({ code: 'study-cancelled' });
    });

    it('are archived and brought back, never while they run', async () => {
      const db = databaseOf();
      const { study } = await runningStudy(db);
      await expect(setArchived(db, study.id, true)).rejects.toMatchObject({ code: 'study-running' });
      await pauseStudy(db, study.id);
      expect((await setArchived(db, study.id, true)).archivedAt).toBeInstanceOf(Date);
      await expect(resumeStudy(db, study.id)).rejects.toMatchObject({ code: 'study-archived' });
      expect(await setArchived(db, study.id, false)).toMatchObject({ archivedAt: null });
    });

    it('take given configurations, all or none, each once and within the budget', async () => {
      const db = databaseOf();
      const { study } = await runningStudy(db, { budget: { trials: 3 } });
      const give = (...rates: readonly number[]) =>
        enqueueConfigurations(db, study.id, (_, first) =>
          rates.map((learningRate, index) => ({
            number: first + index,
            values: { learningRate },
            spaceVersion: 1,
            samplerNote: { sampler: 'given', engineVersion: 1, reason: 'test' },
            trials: [{ seed: 1, fold: 0 }],
          })),
        );
      expect((await give(0.01, 0.02)).map(({ number }) => number)).toEqual([0, 1]);
      await expect(give(0.03, 0.02)).rejects.toMatchObject({ code: 'budget-spent' });
      await expect(give(0.02)).rejects.toMatchObject({
        code: 'configuration-exists',
        problems: [{ field: ['0'], message: expect.stringContaining('configuration 1 again') }],
      });
      await setStudyState(db, study.id, 'COMPLETED');
      expect((await give(0.03)).map(({ number }) => number)).toEqual([2]);
      expect(await findStudy(db, study.id)).toMatchObject({ state: 'RUNNING' });
      const sequences = (await eventsAfter(db, study.id, { sequence: 0 })).map(({ sequence }) => sequence);
      expect(sequences).toEqual(sequences.map((_, index) => index + 1));
      await cancelStudy(db, study.id, 'done');
      await expect(give(0.04)).rejects.toMatchObject({ code: 'study-cancelled' });
    });
  });
}
