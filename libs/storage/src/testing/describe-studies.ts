import type { DataSpec } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import {
  cancelStudy,
  createStudy,
  findStudy,
  findStudyByName,
  listStudies,
  setStudySplit,
  setStudyState,
  updateStudyBudget,
} from '../studies.ts';
import { findDataset, saveBaselines, saveDataset } from '../datasets.ts';
import { finishTrial } from '../finish-trial.ts';
import { recordMeasurements } from '../record-measurements.ts';
import { listConfigurations, nextConfigurationNumber } from '../configurations.ts';
import { countTrials, listTrials } from '../trials.ts';
import type { DatabaseOf } from './describe-storage.ts';
import { measured, runningStudy } from './running-study.ts';
import { sampleStudy } from './sample-study.ts';

export function describeStudies(databaseOf: DatabaseOf): void {
  describe('studies', () => {
    it('returns a study as it was given, by name and by id', async () => {
      const db = databaseOf();
      const given = sampleStudy({
        name: 'returned',
        trainer: { kind: 'command', command: ['python', 'train.py'] },
        earlyStopping: { kind: 'patience', metric: 'validationAccuracy', epochs: 5 },
      });
      const created = await createStudy(db, given);
      expect(created).toMatchObject({ ...given, state: 'RUNNING', eventSequence: 1 });
      expect(await findStudyByName(db, 'returned')).toEqual({ ...created, updatedAt: expect.any(Date) });
      expect(await findStudy(db, created.id)).toMatchObject(given);
      expect((await listStudies(db)).map(({ name }) => name)).toContain('returned');
    });

    it('refuses a second study of one name and leaves the first as it was', async () => {
      const db = databaseOf();
      const first = await createStudy(db, sampleStudy({ name: 'twice', goal: 'first' }));
      await expect(createStudy(db, sampleStudy({ name: 'twice', goal: 'second' }))).rejects.toMatchObject({
        name: 'InputError',
        code: 'study-exists',
      });
      expect(await findStudyByName(db, 'twice')).toMatchObject({ id: first.id, goal: 'first' });
    });

    it('knows no study of an id that is none', async () => {
      expect(await findStudy(databaseOf(), 'not-an-id')).toBeUndefined();
      expect(await findStudyByName(databaseOf(), 'nobody')).toBeUndefined();
      await expect(setStudyState(databaseOf(), 'not-an-id', 'PAUSED')).rejects.toMatchObject({ code: 'unknown-study' });
    });

    it('runs a completed study again when its budget grows, not when it shrinks', async () => {
      const db = databaseOf();
      const { study } = await runningStudy(db);
      await setStudyState(db, study.id, 'COMPLETED');
      expect(await updateStudyBudget(db, study.id, { trials: 5 })).toMatchObject({ state: 'COMPLETED' });
      expect(await updateStudyBudget(db, study.id, { trials: 20 })).toMatchObject({
        state: 'RUNNING',
        budget: { trials: 20 },
      });
      await expect(updateStudyBudget(db, study.id, { trials: 0 })).rejects.toMatchObject({ code: 'bad-budget' });
    });

    it('holds a study to the split it was started with', async () => {
      const db = databaseOf();
      const { study } = await runningStudy(db);
      expect(await setStudySplit(db, study.id, 'abc')).toMatchObject({ splitHash: 'abc' });
      expect(await setStudySplit(db, study.id, 'abc')).toMatchObject({ splitHash: 'abc' });
      await expect(setStudySplit(db, study.id, 'def')).rejects.toMatchObject({ code: 'split-changed' });
      expect(await findStudy(db, study.id)).toMatchObject({ splitHash: 'abc' });
    });

    it('cancels what is queued and running, keeps what is finished, and refuses the trainer from then on', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      for (const number of [0, 1, 2]) await propose(number);
      const finished = await claim();
      await finishTrial(db, finished.writer, { state: 'COMPLETED' });
      const running = await claim();
      expect(await cancelStudy(db, study.id, 'no longer needed')).toMatchObject({ state: 'CANCELLED' });
      expect((await listTrials(db, study.id)).map(({ state }) => state)).toEqual([
        'COMPLETED',
        'CANCELLED',
        'CANCELLED',
      ]);
      expect(await recordMeasurements(db, running.writer, [measured(1, 0.5)])).toMatchObject({ outcome: 'fenced' });
      await expect(claim()).rejects.toThrow('expected a queued trial');
    });

    it('adds a configuration once, however often and concurrently its number is proposed', async () => {
      const db = databaseOf();
      const { study, propose } = await runningStudy(db);
      const [first, second] = await Promise.all([propose(0, [7, 8]), propose(0, [9])]);
      expect(second).toEqual(first);
      expect(await listConfigurations(db, study.id)).toHaveLength(1);
      expect(await countTrials(db, study.id)).toMatchObject({ QUEUED: first.length });
      expect(await nextConfigurationNumber(db, study.id)).toBe(1);
    });

    it('remembers an imported data set and its baselines by content and spec, whatever the order of its keys', async () => {
      const db = databaseOf();
      const data = sampleStudy().data as DataSpec;
      const dataset = {
        contentHash: 'c0ffee',
        spec: data,
        splitHash: 's',
        summary: { windows: 3605 },
        baselines: null,
        isSynthetic: false,
        isLeaking: false,
      };
      await saveDataset(db, dataset);
      const reordered = Object.fromEntries(Object.entries(data).reverse()) as unknown as typeof data;
      await saveBaselines(db, { contentHash: 'c0ffee', spec: reordered }, { majority: 0.17 });
      await saveDataset(db, { ...dataset, summary: { windows: 3606 } });
      expect(await findDataset(db, dataset)).toMatchObject({
        summary: { windows: 3606 },
        baselines: { majority: 0.17 },
      });
      const other = { ...data, window: { length: 64, step: 64 } };
      expect(await findDataset(db, { contentHash: 'c0ffee', spec: other })).toBeUndefined();
    });
  });
}
