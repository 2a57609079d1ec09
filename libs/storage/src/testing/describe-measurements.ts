import { describe, expect, it } from 'vitest';
import { listCheckpoints, recordCheckpoint, removeCheckpoint } from '../checkpoints.ts';
import { listMeasurements, readCurves } from '../curves.ts';
import {
  findValidationEvaluation,
  listTestEvaluations,
  listTestEvaluationsOfStudy,
  recordEvaluation,
  recordTestEvaluation,
} from '../evaluations.ts';
import { eventsAfter } from '../events.ts';
import { recordMeasurements } from '../record-measurements.ts';
import { findTrial } from '../trials.ts';
import type { DatabaseOf } from './describe-storage.ts';
import { measured, runningStudy } from './running-study.ts';

const evaluation = {
  confusionMatrix: [
    [3, 1],
    [0, 4],
  ],
  perSubject: [{ subject: '7', correct: 7, count: 8 }],
};

export function describeMeasurements(databaseOf: DatabaseOf): void {
  describe('measurements', () => {
    it('written again change nothing and tell nothing', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      await propose(0);
      const { trial, writer } = await claim();
      const batch = [measured(1, 0.5), measured(2, 0.7)];
      await recordMeasurements(db, writer, batch);
      const before = await eventsAfter(db, study.id, { sequence: 0 });
      expect(await recordMeasurements(db, writer, batch)).toEqual({
        outcome: 'written',
        changedCount: 0,
        bestStep: 2,
        bestValue: 0.7,
      });
      expect(await eventsAfter(db, study.id, { sequence: 0 })).toEqual(before);
      expect(await listMeasurements(db, study.id, trial.id)).toEqual(batch);
    });

    it('of an attempt that repeats steps replace those of the one before, the best among them', async () => {
      const db = databaseOf();
      const { propose, claim } = await runningStudy(db);
      await propose(0);
      const { trial, writer } = await claim();
      await recordMeasurements(db, writer, [measured(1, 0.5), measured(2, 0.9), measured(3, 0.6)]);
      const outcome = await recordMeasurements(db, writer, [measured(2, 0.4)]);
      expect(outcome).toEqual({ outcome: 'written', changedCount: 1, bestStep: 3, bestValue: 0.6 });
      expect(await findTrial(db, trial.id)).toMatchObject({ bestStep: 3, bestValue: 0.6, lastStep: 3 });
    });

    it('keep the first of equal best values, and the last of a step sent twice', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      await propose(0);
      const { trial, writer } = await claim();
      const batch = [measured(1, 0.1), measured(1, 0.5), measured(2, 0.5)];
      expect(await recordMeasurements(db, writer, batch)).toMatchObject({
        changedCount: 2,
        bestStep: 1,
        bestValue: 0.5,
      });
      const repeated = await recordMeasurements(db, writer, [measured(2, 0.5)]);
      expect(repeated).toMatchObject({ changedCount: 0, bestStep: 1, bestValue: 0.5 });
      expect(await listMeasurements(db, study.id, trial.id)).toHaveLength(2);
    });

    it('are null where a value is not finite, and such a value is never the best', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db, {
        objective: { metric: 'trainLoss', direction: 'minimise' },
      });
      await propose(0);
      const { trial, writer } = await claim();
      const losses = [NaN, Infinity, -Infinity, 0.25, 1e-308];
      const outcome = await recordMeasurements(
        db,
        writer,
        losses.map((loss, step) => measured(step, 0.5, loss)),
      );
      expect(outcome).toMatchObject({ bestStep: 4, bestValue: 1e-308 });
      const [curve] = await readCurves(db, study.id, { trialIds: [trial.id], metrics: ['trainLoss'] });
      expect(curve?.values['trainLoss']).toEqual([null, null, null, 0.25, 1e-308]);
    });

    it('of many trials are read as arrays by step, in the order asked for', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      for (const number of [0, 1, 2]) await propose(number);
      const [first, second, empty] = [await claim(), await claim(), await claim()];
      await recordMeasurements(db, first.writer, [measured(20, 0.2), measured(3, 0.1)]);
      await recordMeasurements(db, second.writer, [measured(1, 0.7)]);
      const trialIds = [second.trial.id, empty.trial.id, first.trial.id];
      const curves = await readCurves(db, study.id, { trialIds, metrics: ['validationAccuracy', 'trainLoss'] });
      expect(curves).toEqual([
        { trialId: trialIds[0], steps: [1], epochs: [0.1], values: { validationAccuracy: [0.7], trainLoss: [1 / 2] } },
        { trialId: trialIds[1], steps: [], epochs: [], values: { validationAccuracy: [], trainLoss: [] } },
        {
          trialId: trialIds[2],
          steps: [3, 20],
          epochs: [0.3, 2],
          values: { validationAccuracy: [0.1, 0.2], trainLoss: [1 / 4, 1 / 21] },
        },
      ]);
      await expect(readCurves(db, study.id, { trialIds, metrics: ['testAccuracy'] })).rejects.toMatchObject({
        code: 'unknown-metric',
      });
    });

    it('refuse a metric that the study does not declare, and write nothing then', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      await propose(0);
      const { trial, writer } = await claim();
      const stray = { step: 2, epoch: 1, values: { testAccuracy: 1 } };
      await expect(recordMeasurements(db, writer, [measured(1, 0.5), stray])).rejects.toThrow('testAccuracy');
      expect(await listMeasurements(db, study.id, trial.id)).toEqual([]);
    });

    it('keep the detail of an epoch', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      await propose(0);
      const { trial, writer } = await claim();
      const spread = { minimum: 0.1, mean: 0.2, maximum: null };
      const detail = { trainLoss: [spread], gradientNorm: [spread], clippedShare: 0.25 };
      await recordMeasurements(db, writer, [{ ...measured(1, 0.5), detail }]);
      expect((await listMeasurements(db, study.id, trial.id))[0]).toEqual({ ...measured(1, 0.5), detail });
    });

    it('carry one validation evaluation a trial, the newest; test evaluations are a log', async () => {
      const db = databaseOf();
      const { propose, claim } = await runningStudy(db);
      await propose(0);
      const { trial, writer } = await claim();
      await recordMeasurements(db, writer, [{ ...measured(1, 0.5), evaluation }]);
      await recordEvaluation(db, writer, { step: 2, ...evaluation });
      expect(await findValidationEvaluation(db, trial.id)).toMatchObject({
        step: 2,
        split: 'validation',
        ...evaluation,
      });
      for (const reason of ['final', 'asked again']) {
        await recordTestEvaluation(db, trial.id, { step: 2, reason, ...evaluation });
      }
      expect((await listTestEvaluations(db, trial.id)).map(({ reason }) => reason)).toEqual(['final', 'asked again']);
      expect(await findValidationEvaluation(db, trial.id)).toMatchObject({ split: 'validation' });
    });

    it('say of each look at the test people who and whether it is the first; two that must be first are one', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      await propose(0);
      await propose(1, [2], { learningRate: 0.02 });
      const looks = [await claim(), await claim()].map(({ trial }) =>
        recordTestEvaluation(db, trial.id, { step: 2, reason: 'final', by: 'ada', isFirst: true, ...evaluation }),
      );
      const settled = await Promise.allSettled(looks);
      expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(settled.find((one) => one.status === 'rejected')?.reason).toMatchObject({ code: 'test-evaluated-before' });
      const [first] = await listTestEvaluationsOfStudy(db, study.id);
      expect(first).toMatchObject({ evaluatedBy: 'ada', isContaminated: false });
      await recordTestEvaluation(db, first?.trialId as string, { step: 2, reason: 'again', by: 'bob', ...evaluation });
      expect(await listTestEvaluationsOfStudy(db, study.id)).toMatchObject([
        { reason: 'final', isContaminated: false },
        { reason: 'again', evaluatedBy: 'bob', isContaminated: true },
      ]);
    });

    it('know their checkpoints until these are removed', async () => {
      const db = databaseOf();
      const { propose, claim } = await runningStudy(db);
      await propose(0);
      const { trial, writer } = await claim();
      const best = { kind: 'best', step: 5, path: 'a/5', sha256: null, sizeBytes: 12, value: 0.5 } as const;
      const resume = { kind: 'resume', step: 6, path: 'a/r', sha256: 'ff', sizeBytes: null, value: null } as const;
      for (const checkpoint of [resume, best, { ...best, path: 'a/5b' }])
        await recordCheckpoint(db, writer, checkpoint);
      expect(await listCheckpoints(db, trial.id)).toEqual([{ ...best, path: 'a/5b' }, resume]);
      await removeCheckpoint(db, writer, best);
      expect(await listCheckpoints(db, trial.id)).toEqual([resume]);
    });
  });
}
