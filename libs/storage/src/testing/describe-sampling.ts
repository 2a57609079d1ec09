import type { TrialState } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { listConfigurations } from '../configurations.ts';
import type { Database } from '../database.ts';
import { listUndiagnosed, storeDiagnoses } from '../diagnoses.ts';
import { eventsAfter } from '../events.ts';
import { cancelTrial, finishTrial } from '../finish-trial.ts';
import { recordMeasurements } from '../record-measurements.ts';
import { createReplicates } from '../replicates.ts';
import { requeueTrial } from '../requeue-trial.ts';
import { samplerHistory } from '../sampler-history.ts';
import { recordTrialStart } from '../claim-trial.ts';
import {
  addSpaceVersion,
  cancelStudy,
  findStudy,
  setExploit,
  setOverride,
  setStudyState,
  setStudyWords,
} from '../studies.ts';
import { listTrialResults } from '../trial-results.ts';
import { findTrial, listTrials } from '../trials.ts';
import type { DatabaseOf } from './describe-storage.ts';
import { measured, runningStudy, type RunningStudy } from './running-study.ts';

type End = readonly [state: TrialState, value: number | null];

/** Configuration `number` whose trials end so, one after the other; QUEUED and RUNNING ones are left so. */
async function settled(db: Database, { propose, claim }: RunningStudy, number: number, ends: readonly End[]) {
  const trials = await propose(
    number,
    ends.map((_, seed) => seed),
  );
  for (const [index, [state, value]] of ends.entries()) {
    const trial = trials[index] as (typeof trials)[number];
    if (state === 'QUEUED') continue;
    if (state === 'CANCELLED') {
      await cancelTrial(db, trial.id, 'test');
      continue;
    }
    const { writer } = await claim();
    expect(writer.trialId).toBe(trial.id);
    if (state === 'RUNNING') continue;
    await recordTrialStart(db, writer, { totalSteps: 40 });
    await recordMeasurements(db, writer, [measured(10, value ?? NaN)]);
    if (state === 'FAILED') await requeueTrial(db, writer, { reasonCode: 'x', reason: 'x', maxFailures: 1 });
    else await finishTrial(db, writer, { state });
  }
}

const values = { learningRate: 0.01 };

export function describeSampling(databaseOf: DatabaseOf): void {
  describe('the history of a sampler', () => {
    it.each<[string, readonly End[], Record<string, unknown>]>([
      ['observed with one trial', [['COMPLETED', 0.5]], { observed: [{ values, objective: 0.5, replicates: 1 }] }],
      [
        'infeasible where one trial of three is',
        [
          ['COMPLETED', 0.5],
          ['INFEASIBLE', null],
          ['COMPLETED', 0.7],
        ],
        { infeasible: [values] },
      ],
      ['infeasible where a trial completed without a finite value', [['COMPLETED', null]], { infeasible: [values] }],
      [
        'pruned where one trial was',
        [
          ['COMPLETED', 0.5],
          ['PRUNED', 0.3],
        ],
        { pruned: [{ values, objective: 0.3, progress: 0.25 }] },
      ],
      [
        'observed without the trial that failed',
        [
          ['COMPLETED', 0.5],
          ['FAILED', 0.9],
        ],
        { observed: [{ values, objective: 0.5, replicates: 1 }] },
      ],
      [
        'observed without the trial that was cancelled',
        [
          ['COMPLETED', 0.5],
          ['CANCELLED', null],
        ],
        { observed: [{ values, objective: 0.5, replicates: 1 }] },
      ],
      [
        'observed while a further replicate waits',
        [
          ['COMPLETED', 0.5],
          ['QUEUED', null],
        ],
        { observed: [{ values, objective: 0.5, replicates: 1 }] },
      ],
      ['pending while queued', [['QUEUED', null]], { pending: [values] }],
      [
        'pending while running, also after a failure',
        [
          ['FAILED', null],
          ['RUNNING', null],
        ],
        { pending: [values] },
      ],
      ['left out where the machine failed', [['FAILED', 0.5]], {}],
      ['left out where a person cancelled', [['CANCELLED', null]], {}],
    ])('has a configuration as %s', async (_, ends, expected) => {
      const db = databaseOf();
      const running = await runningStudy(db);
      await settled(db, running, 0, ends);
      const { history, sequence } = await samplerHistory(db, running.study.id);
      expect(history).toEqual({ observed: [], infeasible: [], pending: [], pruned: [], ...expected });
      expect(sequence).toBe((await findStudy(db, running.study.id))?.eventSequence);
    });

    it('gives the mean over folds of the means over their seeds, with the variance around each fold', async () => {
      const db = databaseOf();
      const running = await runningStudy(db);
      await settled(db, running, 0, [
        ['COMPLETED', 0.4],
        ['COMPLETED', 0.6],
      ]);
      await createReplicates(db, running.study.id, { number: 0, trials: [{ seed: 0, fold: 1 }] });
      const { writer } = await running.claim();
      await recordMeasurements(db, writer, [measured(10, 0.9)]);
      await finishTrial(db, writer, { state: 'COMPLETED' });
      const { observed } = (await samplerHistory(db, running.study.id)).history;
      expect(observed).toEqual([{ values, objective: 0.7, replicates: 3, variance: expect.closeTo(0.02, 12) }]);
      expect((await listConfigurations(db, running.study.id))[0]?.objective).toBeCloseTo(0.7, 12);
    });

    it('is in the order of the numbers, oldest first', async () => {
      const db = databaseOf();
      const running = await runningStudy(db);
      for (const number of [0, 1, 2]) await settled(db, running, number, [['COMPLETED', 0.1 * number]]);
      const { observed } = (await samplerHistory(db, running.study.id)).history;
      expect(observed.map(({ objective }) => objective)).toEqual([0, 0.1, 0.2]);
      await expect(samplerHistory(db, 'not-an-id')).rejects.toMatchObject({ code: 'unknown-study' });
    });
  });

  describe('replicates', () => {
    it('are further trials of a configuration, which keeps its value until they have ended', async () => {
      const db = databaseOf();
      const running = await runningStudy(db);
      const { id } = running.study;
      await settled(db, running, 0, [['COMPLETED', 0.5]]);
      await setStudyState(db, id, 'COMPLETED');
      const wanted = [0, 7, 8, 7].map((seed) => ({ seed, fold: 0 }));
      const added = await createReplicates(db, id, { number: 0, trials: wanted });
      expect(added.map(({ seed, replicate, state }) => [seed, replicate, state])).toEqual([
        [7, 1, 'QUEUED'],
        [8, 2, 'QUEUED'],
      ]);
      expect(await createReplicates(db, id, { number: 0, trials: wanted })).toEqual([]);
      expect(await findStudy(db, id)).toMatchObject({ state: 'RUNNING' });
      for (const [value, objective] of [
        [0.7, 0.5],
        [0.9, 0.7],
      ] as const) {
        const { writer } = await running.claim();
        await recordMeasurements(db, writer, [measured(1, value)]);
        await finishTrial(db, writer, { state: 'COMPLETED' });
        expect((await listConfigurations(db, id))[0]?.objective).toBeCloseTo(objective, 12);
      }
      const events = (await eventsAfter(db, id, { sequence: 0 })).slice(-7);
      expect(events.map(({ type, detail }) => [type, detail.state])).toContainEqual(['study-changed', 'RUNNING']);
    });

    it('are refused for a configuration that is not there, and of a cancelled study', async () => {
      const db = databaseOf();
      const { study, propose } = await runningStudy(db);
      await propose(0);
      const one = { number: 1, trials: [{ seed: 1, fold: 0 }] };
      await expect(createReplicates(db, study.id, one)).rejects.toMatchObject({ code: 'unknown-configuration' });
      await cancelStudy(db, study.id, 'test');
      await expect(createReplicates(db, study.id, { ...one, number: 0 })).rejects.toMatchObject({
        code: 'study-cancelled',
      });
    });
  });

  describe('a study that goes on', () => {
    it('keeps every version of its space with the first configuration of each, and its phases', async () => {
      const db = databaseOf();
      const { study, propose } = await runningStudy(db);
      expect(study.spaceVersions).toEqual([{ space: study.space, phase: 'explore', firstConfiguration: 0 }]);
      await propose(0);
      await propose(1);
      const wider = await addSpaceVersion(db, study.id, study.space);
      expect(wider.space.version).toBe(2);
      await propose(2);
      await setStudyState(db, study.id, 'COMPLETED');
      const refined = await addSpaceVersion(db, study.id, wider.space, { phase: 'exploit' });
      expect(refined).toMatchObject({ phase: 'exploit', state: 'RUNNING', space: { version: 3 } });
      expect(
        (await findStudy(db, study.id))?.spaceVersions.map(({ space, phase, firstConfiguration }) => [
          space.version,
          phase,
          firstConfiguration,
        ]),
      ).toEqual([
        [1, 'explore', 0],
        [2, 'explore', 2],
        [3, 'exploit', 3],
      ]);
    });

    it('runs again when its second phase grows, not when its words change', async () => {
      const db = databaseOf();
      const { study } = await runningStudy(db);
      await setStudyState(db, study.id, 'COMPLETED');
      const words = {
        conclusion: 'small rates are better',
        thresholds: { boundaries: { near: 0.2 } },
        goal: 'why',
      };
      expect(await setStudyWords(db, study.id, words)).toMatchObject({ ...words, state: 'COMPLETED' });
      const exploit = { trials: 5, sampler: { kind: 'tpe' }, pruner: { kind: 'none' }, override: null } as const;
      expect(await setExploit(db, study.id, exploit)).toMatchObject({ exploit, state: 'RUNNING' });
    });

    it('keeps one override for each question, the latest', async () => {
      const db = databaseOf();
      const { study } = await runningStudy(db);
      const override = { question: 'space-large-enough', reason: 'known', by: 'ada', at: '2026-01-01T00:00:00Z' };
      await setOverride(db, study.id, override);
      await setOverride(db, study.id, { ...override, question: 'other' });
      const changed = await setOverride(db, study.id, { ...override, reason: 'known better' });
      expect(changed.overrides.map(({ question, reason }) => [question, reason])).toEqual([
        ['other', 'known'],
        ['space-large-enough', 'known better'],
      ]);
      const last = (await eventsAfter(db, study.id, { sequence: 0 })).at(-1);
      expect(last).toMatchObject({ type: 'study-changed', sequence: changed.eventSequence });
    });
  });

  describe('diagnoses', () => {
    it('are missing for finished trials alone, and again when the analysis has become another', async () => {
      const db = databaseOf();
      const running = await runningStudy(db);
      const { id } = running.study;
      const ends = [
        ['COMPLETED', 0.5],
        ['INFEASIBLE', null],
        ['PRUNED', 0.3],
        ['FAILED', null],
        ['QUEUED', null],
      ] as const;
      for (const [number, end] of ends.entries()) await settled(db, running, number, [end]);
      const missing = await listUndiagnosed(db, id, { version: 1 });
      expect(missing.map(({ number }) => number)).toEqual([0, 1, 2]);
      const first = missing[0]?.id as string;
      const diagnosis = { version: 1, findings: [{ label: 'overfitting' }] };
      await storeDiagnoses(db, id, [{ trialId: first, diagnosis }]);
      expect(await findTrial(db, first)).toMatchObject({ diagnosis, state: 'COMPLETED' });
      expect((await listUndiagnosed(db, id, { version: 1 })).map(({ number }) => number)).toEqual([1, 2]);
      expect(await listUndiagnosed(db, id, { version: 2 })).toHaveLength(3);
      expect((await eventsAfter(db, id, { sequence: 0 })).at(-1)).toMatchObject({
        type: 'trial-changed',
        trialId: first,
        detail: { diagnosisVersion: 1 },
      });
      expect((await listTrials(db, id))[1]?.diagnosis).toBeNull();
    });

    it('are stored for many trials at once, all or none, and looked for among what has changed alone', async () => {
      const db = databaseOf();
      const running = await runningStudy(db);
      const { id } = running.study;
      for (const number of [0, 1]) await settled(db, running, number, [['COMPLETED', 0.5]]);
      const sequence = (await eventsAfter(db, id, { sequence: 0 })).at(-1)?.sequence as number;
      for (const number of [2, 3]) await settled(db, running, number, [['COMPLETED', 0.5]]);
      const changed = await listUndiagnosed(db, id, { version: 1, changedAfter: sequence });
      expect(changed.map(({ number }) => number)).toEqual([2, 3]);
      const results = await listTrialResults(db, id, { changedAfter: sequence });
      expect(results.map(({ number }) => number)).toEqual([2, 3]);

      const diagnosis = (label: string) => ({ version: 1, findings: [{ label }] });
      const diagnoses = changed.map(({ id: trialId, number }) => ({ trialId, diagnosis: diagnosis(`of ${number}`) }));
      const lost = { trialId: '00000000-0000-4000-8000-000000000000', diagnosis: diagnosis('of nothing') };
      await expect(storeDiagnoses(db, id, [...diagnoses, lost])).rejects.toMatchObject({ code: 'unknown-trial' });
      expect(await listUndiagnosed(db, id, { version: 1, changedAfter: sequence })).toHaveLength(2);

      const before = (await eventsAfter(db, id, { sequence: 0 })).length;
      await storeDiagnoses(db, id, diagnoses);
      expect((await listTrials(db, id)).map((trial) => trial.diagnosis)).toEqual([
        null,
        null,
        diagnosis('of 2'),
        diagnosis('of 3'),
      ]);
      expect((await eventsAfter(db, id, { sequence: before })).map(({ trialId }) => trialId)).toEqual(
        changed.map((trial) => trial.id),
      );
    });

    it('let a running trial count as changed, whose measurements are told of in no change', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      await propose(0);
      const { writer } = await claim();
      const sequence = (await eventsAfter(db, study.id, { sequence: 0 })).at(-1)?.sequence as number;
      expect(await listTrialResults(db, study.id, { changedAfter: sequence })).toHaveLength(1);
      await finishTrial(db, writer, { state: 'COMPLETED' });
      const end = (await eventsAfter(db, study.id, { sequence: 0 })).at(-1)?.sequence as number;
      expect(await listTrialResults(db, study.id, { changedAfter: end })).toEqual([]);
    });
  });
}
