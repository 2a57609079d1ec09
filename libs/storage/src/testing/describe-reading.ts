import { describe, expect, it } from 'vitest';
import { findAnalyses, lastChanges, saveAnalysis } from '../analyses.ts';
import { configurationPages, configurationPosition, countConfigurationsMatching } from '../configuration-page.ts';
import { recordTrialStart } from '../claim-trial.ts';
import { findDataHash } from '../find-data-hash.ts';
import { finishTrial } from '../finish-trial.ts';
import { findAgents, findSlots, listAgents, queueDepths, runningOn, slotsOf } from '../fleet.ts';
import { findConfigurations, measurementsOf, trialsByNumber, trialsOf } from '../read-many.ts';
import { recordMeasurements } from '../record-measurements.ts';
import { readSampledCurves } from '../sampled-curves.ts';
import { updateStudyBudget } from '../studies.ts';
import { listTrialResults } from '../trial-results.ts';
import { listTrials } from '../trials.ts';
import type { DatabaseOf } from './describe-storage.ts';
import { measured, runningStudy } from './running-study.ts';

const NOWHERE = '00000000-0000-4000-8000-000000000000';

export function describeReading(databaseOf: DatabaseOf): void {
  describe('reading for many', () => {
    it('thins curves to their extremes, with null where a value was not finite', async () => {
      const db = databaseOf();
      const { propose, claim } = await runningStudy(db);
      await propose(0);
      await propose(1);
      const [long, empty] = [await claim(), await claim()];
      const accuracy = (step: number): number => (step === 70 ? NaN : step === 41 ? 0.9 : step === 42 ? -0.9 : 0.5);
      const steps = Array.from({ length: 100 }, (_, index) => index + 1);
      await recordMeasurements(
        db,
        long.writer,
        steps.map((step) => measured(step, accuracy(step))),
      );
      const ids = [long.trial.id, empty.trial.id, NOWHERE, 'x'];
      const thinned = await readSampledCurves(db, ids, { position: 1, points: 10 });
      expect([...thinned.keys()].sort()).toEqual([long.trial.id, empty.trial.id].sort());
      expect(thinned.get(empty.trial.id)).toMatchObject({ count: 0, steps: [], values: [], isFinal: false });
      const curve = thinned.get(long.trial.id);
      expect(curve?.count).toBe(100);
      expect(curve?.steps.length).toBeLessThanOrEqual(10);
      expect(curve?.steps).toEqual([...(curve?.steps ?? [])].sort((a, b) => a - b));
      expect(curve?.steps).toEqual(expect.arrayContaining([1, 41, 42, 100]));
      expect(curve?.epochs).toEqual(curve?.steps.map((step) => step / 10));
      const whole = (await readSampledCurves(db, ids, { position: 1, points: 100 })).get(long.trial.id);
      expect(whole?.steps).toEqual(steps);
      expect(whole?.values).toEqual(steps.map((step) => (step === 70 ? null : accuracy(step))));
      await finishTrial(db, long.writer, { state: 'COMPLETED' });
      expect((await readSampledCurves(db, ids, { position: 0, points: 4 })).get(long.trial.id)?.isFinal).toBe(true);
    });

    it('pages through the configurations of several studies at once', async () => {
      const db = databaseOf();
      const [one, other] = [await runningStudy(db), await runningStudy(db)];
      for (let number = 0; number < 5; number++) await one.propose(number, [1], { learningRate: 0.01 * (number + 1) });
      await other.propose(0);
      const ids = [one.study.id, other.study.id, NOWHERE];
      const base = { filter: {}, by: 'number', isDescending: true, isReversed: false, limit: 2 } as const;
      const pages = await configurationPages(db, ids, base);
      const numbersOf = (id: string, found = pages) => found.get(id)?.map(({ number }) => number);
      expect(numbersOf(one.study.id)).toEqual([4, 3]);
      expect(numbersOf(other.study.id)).toEqual([0]);
      const last = pages.get(one.study.id)?.at(-1);
      const after = last && configurationPosition(last, 'number');
      expect(numbersOf(one.study.id, await configurationPages(db, ids, { ...base, after }))).toEqual([2, 1]);
      const filter = { hyperparameters: [{ name: 'learningRate', minimum: 0.025 }], states: ['QUEUED'] } as const;
      expect(await countConfigurationsMatching(db, ids, filter)).toEqual(new Map([[one.study.id, 3]]));
    });

    it('finds what belongs to configurations, trials, agents and slots', async () => {
      const db = databaseOf();
      const { study, agent, propose, claim } = await runningStudy(db);
      await propose(0, [1, 2]);
      const { trial, writer } = await claim();
      await recordMeasurements(db, writer, [measured(1, 0.1), measured(2, 0.2), measured(3, 0.3)]);
      const { configurationId } = trial;
      expect((await findConfigurations(db, [configurationId, 'x'])).get(configurationId)?.number).toBe(0);
      expect((await trialsOf(db, [configurationId])).get(configurationId)?.map(({ seed }) => seed)).toEqual([1, 2]);
      const named = await trialsByNumber(db, [{ studyId: study.id, number: 0 }]);
      expect(named.get(`${study.id} 0`)?.id).toBe(trial.id);
      const found = await measurementsOf(db, [trial.id, NOWHERE], { after: 1, limit: 1 });
      expect(found.get(trial.id)?.map(({ step, values }) => [step, values[1]])).toEqual([[2, 0.2]]);
      const [slot] = (await slotsOf(db, [agent.id])).get(agent.id) ?? [];
      expect(slot).toMatchObject({ device: 'CPU', position: 0, gpuUuid: null });
      expect(await runningOn(db, [slot?.id as string])).toEqual(new Map([[slot?.id, trial.id]]));
      expect((await findSlots(db, [slot?.id as string])).size).toBe(1);
      expect((await findAgents(db, [agent.id])).get(agent.id)?.stoppedAt).toBeNull();
      expect((await listAgents(db)).map(({ id }) => id)).toContain(agent.id);
      const depth = (await queueDepths(db)).find(({ studyId }) => studyId === study.id);
      expect(depth?.queued).toBe(1);
      expect(depth?.oldestQueuedAt).toBeInstanceOf(Date);
    });

    it('tells by its fingerprint on which recordings the first trial was trained', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      await propose(0);
      await propose(1);
      await recordTrialStart(db, (await claim()).writer, { fingerprint: { dataHash: null } });
      expect(await findDataHash(db, study.id)).toBeUndefined();
      await recordTrialStart(db, (await claim()).writer, { fingerprint: { dataHash: 'content' } });
      expect(await findDataHash(db, study.id)).toBe('content');
    });

    it('gives analysis the outcome of each trial as the trials themselves have it', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      expect(await listTrialResults(db, study.id)).toEqual([]);
      for (const number of [1, 0]) await propose(number, [4294967295, 2]);
      const { writer } = await claim();
      await recordMeasurements(db, writer, [measured(1, 0.123456789012345)]);
      await finishTrial(db, writer, { state: 'COMPLETED' });
      const results = await listTrialResults(db, study.id);
      const trials = await listTrials(db, study.id);
      expect(results).toHaveLength(4);
      for (const [index, result] of results.entries()) expect(trials[index]).toMatchObject(result);
    });
  });

  describe('analyses', () => {
    it('are kept by the last change that they have seen, which measurements are not', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      await propose(0);
      const { writer } = await claim();
      const sequenceNow = async () => (await lastChanges(db, [study.id])).get(study.id) as number;
      const before = await sequenceNow();
      await recordMeasurements(db, writer, [measured(1, 0.5)]);
      expect(await sequenceNow()).toBe(before);
      await updateStudyBudget(db, study.id, { trials: 11 });
      expect(await sequenceNow()).toBeGreaterThan(before);

      const analysis = { studyId: study.id, sequence: 7, version: '1', report: { checks: [1, null] } };
      await saveAnalysis(db, analysis);
      const kept = async () => (await findAnalyses(db, [study.id, NOWHERE])).get(study.id);
      expect(await kept()).toMatchObject(analysis);
      await saveAnalysis(db, { ...analysis, sequence: 6, report: {} });
      expect(await kept()).toMatchObject(analysis);
      await saveAnalysis(db, { ...analysis, sequence: 6, version: '2', report: {} });
      expect(await kept()).toMatchObject({ sequence: 6, version: '2', report: {} });
    });
  });
}
