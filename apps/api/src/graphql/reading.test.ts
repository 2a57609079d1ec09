import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  closeRound,
  createRound,
  finishTrial,
  openStorage,
  recordCheckpoint,
  recordEvaluation,
  recordLaunch,
  recordMeasurements,
  saveDataset,
  updateStudyBudget,
  type Database,
  type Storage,
} from '@kinetune/storage';
import { measured, runningStudy } from '@kinetune/storage/testing';
import { graphql } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import { diagnoseLeft } from '../agent/diagnose-trial.ts';
import type { Context } from './context.ts';
import { schema } from './schema.ts';

const STUDIES = 20;
/** Measurements of each trial: more than the points that are asked for. */
const STEPS = 60;

describe('reading', () => {
  const home = mkdtempSync(join(tmpdir(), 'kinetune-reading-'));
  let storage: Storage;
  let db: Database;
  let queries: MockInstance;

  beforeAll(async () => {
    storage = await openStorage(home);
    db = storage.db;
    const { $client } = db as unknown as { readonly $client: { query: () => unknown } };
    for (let index = 0; index < STUDIES; index++) await fill(index);
    await saveDataset(db, {
      contentHash: 'content',
      spec: {
        dataset: 'watch',
        window: { length: 128, step: 64 },
        split: { kind: 'group-k-fold', folds: 5, fold: 0, seed: 0 },
      },
      splitHash: 'split',
      summary: {
        name: 'Watch',
        labels: ['sit', 'walk'],
        people: { train: ['a', 'b'], validation: ['c'], test: ['d'] },
        classCounts: { train: [10, 20], validation: [3, 4], test: [5, 6] },
        windows: 48,
        sampleRateHz: 50,
      },
      baselines: null,
      isSynthetic: false,
      isLeaking: false,
    });
    queries = vi.spyOn($client, 'query');
  }, 120_000);
  beforeEach(() => void queries.mockClear());
  afterAll(async () => {
    await storage[Symbol.asyncDispose]();
    rmSync(home, { recursive: true });
  });

  /** Two configurations, one trained and evaluated, one running; in a round of its own, with a launch. */
  async function fill(index: number): Promise<void> {
    const { study, agent, propose, claim } = await runningStudy(db, { name: `study-${index}` });
    const [first] = await propose(0, [1, 2], { learningRate: 0.01 });
    const [second] = await propose(1, [1], { learningRate: 0.02 });
    const { trial, writer } = await claim();
    expect(agent.slots).toHaveLength(1);
    const values = Array.from({ length: STEPS }, (_, step) => measured(step + 1, step === 30 ? 0.99 : step / 100));
    await recordMeasurements(db, writer, values);
    await recordEvaluation(db, writer, {
      step: 31,
      confusionMatrix: [
        [8, 2],
        [0, 0],
      ],
      perSubject: [{ subject: 'c', correct: 8, count: 10 }],
    });
    await recordCheckpoint(db, writer, {
      kind: 'best',
      step: 31,
      path: 'best',
      sha256: null,
      sizeBytes: 100,
      value: 0.99,
    });
    await finishTrial(db, writer, { state: 'COMPLETED' });
    expect(trial.id).toBe(first?.id);
    await diagnoseLeft(db, study, { stop: new AbortController().signal });
    const running = await claim();
    await recordMeasurements(db, running.writer, [measured(1, 0.5)]);
    const round = await createRound(db, { goal: `Question ${index}?`, studyIds: [study.id] });
    await recordLaunch(db, study.id, {
      configurationId: first?.configurationId as string,
      baselineId: second?.configurationId as string,
      decision: 'adopted',
      reason: 'better',
      decidedBy: 'local',
      evidence: { effect: 0.1 },
    });
    if (index === 0) await closeRound(db, round.id, { learned: 'Yes.', decision: 'adopted' });
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a tree of whatever was asked for
  async function ask(source: string, variableValues: object = {}): Promise<any> {
    const contextValue = { db, viewer: { role: 'viewer', name: 'test', isLocal: true } } as unknown as Context;
    const { data, errors } = await graphql({
      schema,
      source,
      contextValue,
      variableValues: variableValues as Record<string, unknown>,
    });
    expect(errors).toBeUndefined();
    return data;
  }

  /** How many queries of the database it takes. */
  async function queriesOf(source: string, variables: object): Promise<number> {
    queries.mockClear();
    await ask(source, variables);
    return queries.mock.calls.length;
  }

  const STUDY_FIELDS = `name budgetUsed progress trialCounts { state count } trial(number: 1) { number }
    round { goal } launches { reason baseline { number } configuration { number } round { goal } }
    configurations(first: 2, order: { by: OBJECTIVE, isDescending: true }) {
      totalCount nodes { number samplerNote { engine reason } trials { id state } study { name } } }`;
  const TRIAL_FIELDS = `number diagnosis { labels findings { label } checks { name trials { number } } } study { name }
    configuration { number values } evaluations { accuracy } checkpoints { kind } measurements(first: 3) { step }
    curves(metrics: ["trainLoss", "validationAccuracy"], points: 20) { steps } agent { host } slot { device }`;

  it.each([
    ['studies with what is theirs', `query ($n: Int) { studies(first: $n) { totalCount nodes { ${STUDY_FIELDS} } } }`],
    [
      'studies with their trials',
      `query ($n: Int) { studies(first: $n) { nodes { trials(first: 2) { totalCount nodes { ${TRIAL_FIELDS} } } } } }`,
    ],
    [
      'studies with their analyses',
      `query ($n: Int) { studies(first: $n) { nodes { analysis {
        checklist { isLocked } checks(names: ["goodRegion"]) { verdict trials(first: 1) { number } } } } } }`,
    ],
    [
      'agents with their slots',
      'query ($n: Int) { agents(first: $n) { nodes { host slots { device agent { pid } trial { number study { name } } } } } }',
    ],
    [
      'rounds with their studies',
      'query ($n: Int) { rounds(first: $n) { nodes { goal studies { name } launches { reason study { name } } } } }',
    ],
    [
      'launches with their configurations',
      'query ($n: Int) { launches(first: $n) { nodes { study { name } configuration { number trials { seed } } baseline { number } } } }',
    ],
  ])('takes as many queries for twenty as for two: %s', async (_, source) => {
    // Analyses are computed once; from then on they are kept.
    await ask(source, { n: STUDIES });
    const [two, twenty] = [await queriesOf(source, { n: 2 }), await queriesOf(source, { n: STUDIES })];
    expect(two).toBeGreaterThan(0);
    expect(twenty).toBe(two);
  });

  it('takes as many queries for many nodes by id as for two', async () => {
    const { studies } = await ask(
      '{ studies { nodes { id trials(first: 3) { nodes { id configuration { id } } } } } }',
    );
    const idsOf = (count: number) =>
      studies.nodes
        .slice(0, count)
        .flatMap((study: { id: string; trials: { nodes: { id: string; configuration: { id: string } }[] } }) => [
          study.id,
          ...study.trials.nodes.flatMap(({ id, configuration }) => [id, configuration.id]),
        ]);
    const source = `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id
      ... on Trial { study { name } } ... on Configuration { trials { seed } } } }`;
    expect(await queriesOf(source, { ids: idsOf(20) })).toBe(await queriesOf(source, { ids: idsOf(2) }));
    const { nodes } = await ask(source, { ids: idsOf(20) });
    expect(nodes.map(({ id }: { id: string }) => id)).toEqual(idsOf(20));
  });

  it('finds every kind of node by its id', async () => {
    const found = await ask(`{
      studies(first: 1) { nodes { id trials(first: 1) { nodes { id configuration { id } slot { id } agent { id } } }
        round { id } launches { id } } }
      datasets { id } models { id } }`);
    const [study] = found.studies.nodes;
    const [trial] = study.trials.nodes;
    const ids = [
      ...[study, trial, trial.configuration, trial.slot, trial.agent, study.round, ...study.launches],
      ...found.datasets,
      ...found.models,
    ].map(({ id }: { id: string }) => id);
    const { nodes } = await ask('query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids });
    expect(nodes.map(({ id }: { id: string }) => id)).toEqual(ids);
    expect(new Set(nodes.map(({ __typename }: { __typename: string }) => __typename))).toEqual(
      new Set(['Study', 'Trial', 'Configuration', 'Slot', 'Agent', 'Round', 'Launch', 'Dataset', 'Model']),
    );
  });

  it('thins curves without losing a spike, and says how many measurements there are', async () => {
    const { study } =
      await ask(`{ study(name: "study-3") { trial(number: 0) { id curves(metrics: ["validationAccuracy"], points: 12) {
      metric count steps epochs values trialId trial { number } } } } }`);
    const [curve] = study.trial.curves;
    expect(curve).toMatchObject({ metric: 'validationAccuracy', count: STEPS, trialId: study.trial.id });
    expect(curve.trial.number).toBe(0);
    expect(curve.steps.length).toBeLessThanOrEqual(12);
    expect([curve.steps[0], curve.steps.at(-1)]).toEqual([1, STEPS]);
    expect(curve.values[curve.steps.indexOf(31)]).toBe(0.99);
    expect(curve.epochs).toEqual(curve.steps.map((step: number) => step / 10));

    const query = `query ($ids: [ID!]!) { study(name: "study-3") { curves(trialIds: $ids, metrics: ["trainLoss"]) { trialId values } } }`;
    const { study: whole } = await ask(query, { ids: [study.trial.id] });
    expect(whole.curves).toHaveLength(1);
    expect(whole.curves[0].values).toHaveLength(STEPS);
    const { study: other } = await ask('{ study(name: "study-4") { trial(number: 0) { id } } }');
    expect((await ask(query, { ids: [other.trial.id] })).study.curves).toEqual([]);
  });

  it('reads the curves of ended trials once, and those of running ones each time', async () => {
    const ids = async (state: string): Promise<string[]> =>
      (
        await ask(`{ study(name: "study-6") { trials(filter: { states: [${state}] }) { nodes { id } } } }`)
      ).study.trials.nodes.map(({ id }: { id: string }) => id);
    const query =
      'query ($ids: [ID!]!) { study(name: "study-6") { curves(trialIds: $ids, metrics: ["trainLoss"], points: 33) { count } } }';
    for (const [state, saved] of [
      ['COMPLETED', 1],
      ['RUNNING', 0],
    ] as const) {
      const variables = { ids: await ids(state) };
      expect(variables.ids).toHaveLength(1);
      const first = await queriesOf(query, variables);
      expect(await queriesOf(query, variables)).toBe(first - saved);
    }
  });

  it('refuses what curves cannot be read of', async () => {
    const study = '{ study(name: "study-6") { trial(number: 0) { curves';
    const messageOf = async (args: string) => {
      const contextValue = { db, viewer: { role: 'viewer', name: 'test', isLocal: true } } as unknown as Context;
      const { errors } = await graphql({ schema, source: `${study}(${args}) { count } } } }`, contextValue });
      return errors?.[0]?.message;
    };
    expect(await messageOf('metrics: ["trainLos"]')).toBe(
      'expected metrics of study-6 (trainLoss, validationAccuracy), got trainLos',
    );
    expect(await messageOf('metrics: ["trainLoss"], points: 3')).toBe('expected 4 to 2000 points, got 3');
    const many = Array.from({ length: 21 }, () => '"trainLoss"').join();
    expect(await messageOf(`metrics: [${many}]`)).toBe('expected 0 to 20 metrics, got 21');
  });

  it('pages through configurations, sorted and filtered', async () => {
    const query = `query ($filter: ConfigurationFilter, $order: ConfigurationOrder, $after: String) { study(name: "study-1") {
      configurations(first: 1, after: $after, filter: $filter, order: $order) {
        totalCount pageInfo { hasNextPage endCursor } nodes { number objective values } } } }`;
    const numbers = async (variables: object) => (await ask(query, variables)).study.configurations;
    const first = await numbers({ order: { by: 'NUMBER', isDescending: true } });
    expect(first).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true }, nodes: [{ number: 1 }] });
    const next = await numbers({ order: { by: 'NUMBER', isDescending: true }, after: first.pageInfo.endCursor });
    expect(next).toMatchObject({ pageInfo: { hasNextPage: false }, nodes: [{ number: 0 }] });
    const matching = async (filter: object) => (await numbers({ filter })).totalCount;
    expect(await matching({ states: ['QUEUED'] })).toBe(1);
    expect(await matching({ states: ['COMPLETED'] })).toBe(1);
    expect(await matching({ states: ['PRUNED'] })).toBe(0);
    expect(await matching({ objective: { minimum: 0 } })).toBe(0);
    expect(await matching({ hyperparameters: [{ name: 'learningRate', range: { minimum: 0.015 } }] })).toBe(1);
    expect(await matching({ hyperparameters: [{ name: 'learningRate', anyOf: [0.01] }] })).toBe(1);
  });

  it('tells what trials are made of and what came out', async () => {
    const { study } =
      await ask(`{ study(name: "study-2") { progress budgetUsed trial(number: 0) { measurements(after: 2, first: 2) {
      step epoch values } evaluations { split accuracy macroF1 isContaminated perClass { index count recall precision }
      perSubject { subject share } } checkpoints { kind step sizeBytes value }
      diagnosis { version checks { name status verdict numbers trialNumbers } } } } }`);
    expect(study).toMatchObject({ budgetUsed: 2, progress: 0.1 });
    expect(study.trial.measurements).toEqual([
      { step: 3, epoch: 0.3, values: [1 / 4, 0.02] },
      { step: 4, epoch: 0.4, values: [1 / 5, 0.03] },
    ]);
    expect(study.trial.evaluations).toMatchObject([
      {
        split: 'VALIDATION',
        accuracy: 0.8,
        isContaminated: false,
        perClass: [
          { index: 0, count: 10, recall: 0.8, precision: 1 },
          { index: 1, count: 0, recall: null, precision: 0 },
        ],
        perSubject: [{ subject: 'c', share: 0.8 }],
      },
    ]);
    expect(study.trial.checkpoints).toEqual([{ kind: 'best', step: 31, sizeBytes: 100, value: 0.99 }]);
    expect(study.trial.diagnosis.checks).toHaveLength(9);
    expect(study.trial.diagnosis.checks[0]).toMatchObject({ name: 'rising-train-loss', trialNumbers: [0] });
  });

  it('gives the analysis with its evidence, anew only after a change', async () => {
    const query = `query ($mayBeOld: Boolean) { study(name: "study-5") { analysis(mayBeOld: $mayBeOld) { cursor isCurrent counts { completed other }
      best { number value } checklist { isLocked lockedBy answers { id status isLocking parts { name reason } } }
      checks { name verdict status reason trialCount numbers } next { action text } part(name: "regions") } } }`;
    const { analysis } = (await ask(query)).study;
    expect(analysis).toMatchObject({ isCurrent: true, counts: { completed: 1, other: 1 } });
    expect(analysis.checklist.answers.map(({ id }: { id: string }) => id)).toEqual([
      'space-large-enough',
      'enough-points',
      'infeasible-share',
      'optimisation',
      'curves',
    ]);
    expect(analysis.checklist.isLocked).toBe(true);
    const names = analysis.checks.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['boundaries.learningRate', 'bestOfK', 'training.computeBound']));
    expect(new Set(names).size).toBe(names.length);
    expect(analysis.part).toBeInstanceOf(Array);

    const kept = await queriesOf(query, {});
    const id = (await ask('{ study(name: "study-5") { id } }')).study.id;
    const studyId = Buffer.from(id, 'base64').toString().split(':')[1] as string;
    await updateStudyBudget(db, studyId, { trials: 12 });
    const old = (await ask(query, { mayBeOld: true })).study.analysis;
    expect(old).toMatchObject({ isCurrent: false, cursor: analysis.cursor });
    const next = (await ask(query)).study.analysis;
    expect(next.isCurrent).toBe(true);
    expect(next.cursor).toBeGreaterThan(analysis.cursor);
    expect(await queriesOf(query, {})).toBe(kept);

    await updateStudyBudget(db, studyId, { trials: 13 });
    queries.mockClear();
    await Promise.all([ask(query), ask(query), ask(query)]);
    const saved = queries.mock.calls.filter(([text]) => String(text).startsWith('insert into "analyses"'));
    expect(saved).toHaveLength(1);
  });

  it('knows models by the catalogue, with what a choice costs', async () => {
    const { models, model } = await ask(
      `query ($shape: ModelShape!, $wrong: ModelShape!) {
        models { name hyperparameters { name kind default domain { __typename } text { pattern } } }
        model(name: "cnn1d") { built(values: {}, shape: $shape) { problems weightCount floatingPointOperationsPerWindow }
          unbuilt: built(values: {}, shape: $wrong) { problems weightCount } } }`,
      {
        shape: { windowLength: 128, channelCount: 6, classCount: 7 },
        wrong: { windowLength: 0, channelCount: 6, classCount: 7 },
      },
    );
    expect(models.map(({ name }: { name: string }) => name)).toEqual(['cnn1d', 'vit1d', 'conv-transformer']);
    for (const { hyperparameters } of models)
      for (const { domain, text } of hyperparameters) expect((domain === null) !== (text === null)).toBe(true);
    expect(model.built).toMatchObject({ problems: [] });
    expect(model.built.weightCount).toBeGreaterThan(1000);
    expect(model.unbuilt.weightCount).toBeNull();
    expect(model.unbuilt.problems[0]).toContain('expected windows');
  });

  it('knows data sets, rounds, agents and what waits', async () => {
    const { datasets, rounds, agents, queue } = await ask(`{
      datasets { name windowCount classes { label train validation test } people { test } }
      rounds { totalCount nodes { goal learned decision closedAt } }
      agents(isLiving: true) { totalCount nodes { slots { trial { state number } } } }
      queue { queued oldestQueuedAt study { name } } }`);
    expect(datasets).toEqual([
      {
        name: 'Watch',
        windowCount: 48,
        classes: [
          { label: 'sit', train: 10, validation: 3, test: 5 },
          { label: 'walk', train: 20, validation: 4, test: 6 },
        ],
        people: { test: ['d'] },
      },
    ]);
    expect(rounds.totalCount).toBe(STUDIES);
    expect(rounds.nodes.at(-1)).toMatchObject({ goal: 'Question 0?', learned: 'Yes.', decision: 'ADOPTED' });
    expect(agents.totalCount).toBe(STUDIES);
    expect(agents.nodes[0].slots).toEqual([{ trial: { state: 'RUNNING', number: 0 } }]);
    expect(queue).toHaveLength(STUDIES);
    expect(queue[0]).toMatchObject({ queued: 1, study: { name: 'study-0' } });
    expect(new Date(queue[0].oldestQueuedAt).getTime()).toBeGreaterThan(0);
  });
});
