import { expect, describe, it } from 'vitest';
import { createConfiguration } from '../configurations.ts';
import { importStudy, type ConfigurationRecord, type StudyRecord, type TrialRecord } from '../import-study.ts';
import { storedMeasurements } from '../export-study.ts';
import { createReplicates } from '../replicates.ts';
import { addSpaceVersion, findStudyByName, setExploit, setStudyState, updateStudyBudget } from '../studies.ts';
import { listTrials } from '../trials.ts';
import { reconcileTrialJobs } from '../trial-jobs.ts';
import type { DatabaseOf } from './describe-storage.ts';
import { sampleStudy } from './sample-study.ts';

const NOW = new Date('2026-01-02T03:04:05.678Z');

function recordOf(name: string): StudyRecord {
  const study = sampleStudy({
    name,
    trainer: { kind: 'imported', source: 'Optuna', study: name, userAttributes: {} },
  });
  return {
    ...study,
    state: 'COMPLETED',
    spaceVersions: [{ space: study.space, phase: 'explore', firstConfiguration: 0 }],
    overrides: [],
    conclusion: null,
    createdAt: NOW,
  };
}

function configurationOf(number: number, state: 'COMPLETED' | 'QUEUED'): ConfigurationRecord {
  const trial: TrialRecord = {
    ...{ replicate: 0, seed: 1, fold: 0, state, reasonCode: null, reason: null, attempts: 1, failures: 0 },
    ...{ device: null, fingerprint: null, runtime: null, weightCount: null, totalSteps: null, totalEpochs: null },
    ...{ lastStep: null, bestStep: null, bestValue: null, diagnosis: null, earlierRunningMs: 0 },
    ...{ queuedAt: NOW, startedAt: NOW, finishedAt: state === 'QUEUED' ? null : NOW, evaluations: [] },
  };
  return {
    ...{ number, values: { learningRate: 0.01 }, spaceVersion: 1, objective: null },
    samplerNote: { sampler: 'halton', engineVersion: 1, reason: 'a test' },
    trials: [trial],
  };
}

export function describeImports(databaseOf: DatabaseOf): void {
  describe('studies from elsewhere', () => {
    it('come in whole, with curves, best steps and jobs for what is queued', async () => {
      const db = databaseOf();
      await reconcileTrialJobs(db);
      const study = await importStudy(db, recordOf('from-elsewhere'), async (change) => {
        const [first] = await change.addConfigurations([configurationOf(0, 'COMPLETED'), configurationOf(3, 'QUEUED')]);
        await change.addMeasurements(
          [0.5, 0.7, null, 0.6].map((accuracy, step) => ({
            trialId: first as string,
            step,
            epoch: step,
            values: [1, accuracy],
          })),
        );
        await change.findBestSteps();
      });
      expect(study).toMatchObject({ state: 'COMPLETED', createdAt: NOW });
      const trials = await listTrials(db, study.id);
      expect(
        trials.map(({ number, lastStep, bestStep, bestValue }) => [number, lastStep, bestStep, bestValue]),
      ).toEqual([
        [0, 3, 1, 0.7],
        [3, null, null, null],
      ]);
      const ids = trials.map(({ id }) => id);
      expect((await storedMeasurements(db, ids)).get(ids[0] as string)).toHaveLength(4);
      expect((await storedMeasurements(db, ids, { isBestAlone: true })).get(ids[0] as string)).toMatchObject([
        { step: 1, values: [1, 0.7] },
      ]);
      // Every queued trial has its job, and no other has one.
      expect(await reconcileTrialJobs(db)).toEqual({ given: 0, dropped: 0 });
    });

    it('leave nothing where their source breaks', async () => {
      const db = databaseOf();
      const broken = importStudy(db, recordOf('breaks'), async (change) => {
        await change.addConfigurations([configurationOf(0, 'COMPLETED')]);
        throw new RangeError('the file ends here');
      });
      await expect(broken).rejects.toThrow('the file ends here');
      expect(await findStudyByName(db, 'breaks')).toBeUndefined();
    });

    it('are never queued, proposed, widened or set running again', async () => {
      const db = databaseOf();
      const { id, space } = await importStudy(db, recordOf('history'), async (change) => {
        await change.addConfigurations([configurationOf(0, 'COMPLETED')]);
      });
      const proposal = { ...configurationOf(1, 'QUEUED'), trials: [{ seed: 1, fold: 0 }] };
      const exploit = {
        ...{ trials: 3, override: null },
        ...({ sampler: { kind: 'auto' }, pruner: { kind: 'none' } } as const),
      };
      for (const attempt of [
        () => createConfiguration(db, id, proposal),
        () => createReplicates(db, id, { number: 0, trials: [{ seed: 9, fold: 0 }] }),
        () => updateStudyBudget(db, id, { trials: 100 }),
        () => setStudyState(db, id, 'RUNNING'),
        () => addSpaceVersion(db, id, space),
        () => setExploit(db, id, exploit),
      ])
        await expect(attempt()).rejects.toThrow(/history was imported from Optuna.*`from: history`/);
      expect(await findStudyByName(db, 'history')).toMatchObject({ state: 'COMPLETED', budget: { trials: 10 } });
      expect(await listTrials(db, id)).toHaveLength(1);
    });
  });
}
