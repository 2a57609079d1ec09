import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  finishTrial,
  findStudy,
  listConfigurations,
  listLaunches,
  listTrials,
  recordMeasurements,
  setStudyState,
  type NewStudy,
} from '@kinetune/storage';
import { runningStudy, type RunningStudy } from '@kinetune/storage/testing';
import { QUESTION_IDS } from '@kinetune/search';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnoseLeft } from '../agent/diagnose-trial.ts';
import { serveApi, type ServedApi } from '../testing/served-api.ts';

/** What each mutation is asked for when it does what it is asked to. */
const FIELDS: Readonly<Record<string, readonly [input: string, fields: string]>> = {
  pauseStudy: ['StudyInput', '... on Study { state }'],
  resumeStudy: ['StudyInput', '... on Study { state }'],
  cancelStudy: ['CancelStudyInput', '... on Study { state }'],
  extendStudyBudget: ['ExtendStudyBudgetInput', '... on Study { budget }'],
  prioritiseStudy: ['PrioritiseStudyInput', '... on Study { priority }'],
  archiveStudy: ['StudyInput', '... on Study { name }'],
  unarchiveStudy: ['StudyInput', '... on Study { name }'],
  deleteStudy: ['DeleteStudyInput', '... on DeletedStudy { name trials checkpoints freedBytes }'],
  enqueueConfigurations: ['EnqueueConfigurationsInput', '... on QueuedTrials { trials { number seed state values } }'],
  replicateConfiguration: [
    'ReplicateConfigurationInput',
    '... on QueuedTrials { study { state } trials { number replicate } }',
  ],
  replicateTrial: ['ReplicateTrialInput', '... on QueuedTrials { trials { number replicate } }'],
  cancelTrial: ['CancelTrialInput', '... on Trial { state reason }'],
  widenSpace: [
    'WidenSpaceInput',
    '... on WidenedSpace { changes firstConfiguration isBudgetSpent study { space { version } } }',
  ],
  overrideQuestion: ['OverrideQuestionInput', '... on JudgedStudy { isLocked lockedBy }'],
  concludeStudy: ['ConcludeStudyInput', '... on JudgedStudy { study { conclusion } isLocked }'],
  adoptConfiguration: ['AdoptionInput', '... on AdoptionDecision { decision reason decidedBy evidence }'],
  rejectConfiguration: ['AdoptionInput', '... on AdoptionDecision { decision reason }'],
  openRound: ['OpenRoundInput', '... on RoundOutcome { roundId goal closedAt }'],
  concludeRound: ['ConcludeRoundInput', '... on RoundOutcome { learned decision closedAt }'],
};

describe('mutations', () => {
  let api: ServedApi;
  beforeAll(async () => void (api = await serveApi()), 120_000);
  afterAll(async () => {
    expect(api.hidden).toEqual([]);
    await api[Symbol.asyncDispose]();
  });

  const globalId = (type: string, id: string): string => Buffer.from(`${type}:${id}`).toString('base64');
  const NOBODY = '00000000-0000-4000-8000-000000000000';

  async function mutate(name: string, input: object) {
    const [type, fields] = FIELDS[name] as readonly [string, string];
    const query = `mutation ($input: ${type}!) { ${name}(input: $input) {
      __typename ${fields} ... on Refusal { code message field problems { field } } } }`;
    const { data, errors } = await api.ask(query, { input });
    expect(errors).toBeUndefined();
    return data[name];
  }

  interface Ready extends RunningStudy {
    readonly studyId: string;
    /** Trains the next trial to an accuracy. */
    readonly complete: (accuracy: number) => Promise<void>;
  }
  async function ready(changes: Partial<NewStudy> = {}): Promise<Ready> {
    const running = await runningStudy(api.db, changes);
    return {
      ...running,
      studyId: globalId('Study', running.study.id),
      async complete(accuracy) {
        const { writer } = await running.claim();
        await recordMeasurements(api.db, writer, [
          { step: 1, epoch: 1, values: { trainLoss: 1, validationAccuracy: accuracy } },
        ]);
        await finishTrial(api.db, writer, { state: 'COMPLETED' });
      },
    };
  }
  const now = async ({ study }: RunningStudy) => {
    const [stored, configurations, trials, launches] = await Promise.all([
      findStudy(api.db, study.id),
      listConfigurations(api.db, study.id),
      listTrials(api.db, study.id),
      listLaunches(api.db, { studyId: study.id }),
    ]);
    return { stored, configurations, trials, launches };
  };
  /** Refused, with nothing changed. */
  async function refused(running: RunningStudy, name: string, input: object, expected: object) {
    const before = await now(running);
    const answer = await mutate(name, input);
    expect(answer).toMatchObject({ __typename: 'Refusal', ...expected });
    expect(await now(running)).toEqual(before);
    return answer;
  }

  it('name the field where no study or trial has the id', async () => {
    const study = await ready();
    const studyId = globalId('Study', NOBODY);
    const inputs = {
      pauseStudy: {},
      resumeStudy: {},
      cancelStudy: { reason: 'x' },
      archiveStudy: {},
      unarchiveStudy: {},
      deleteStudy: { confirmedName: 'x' },
      extendStudyBudget: { trials: 3 },
      prioritiseStudy: { priority: 1 },
      enqueueConfigurations: { configurations: [{}], reason: 'x' },
      replicateConfiguration: {},
      widenSpace: { hyperparameters: [] },
      overrideQuestion: { question: 'curves', reason: 'x' },
      concludeStudy: { conclusion: 'x' },
      adoptConfiguration: { number: 0, reason: 'x' },
    };
    for (const [name, input] of Object.entries(inputs))
      await refused(study, name, { studyId, ...input }, { code: 'unknown-study', field: ['studyId'] });
    const trialId = globalId('Trial', NOBODY);
    await refused(study, 'cancelTrial', { trialId, reason: 'x' }, { code: 'unknown-trial', field: ['trialId'] });
    await refused(study, 'replicateTrial', { trialId }, { code: 'unknown-trial', field: ['trialId'] });
  });

  it('pause and resume a study; a cancelled one stays cancelled', async () => {
    const study = await ready();
    const { studyId } = study;
    expect(await mutate('pauseStudy', { studyId })).toMatchObject({ state: 'PAUSED' });
    expect(await mutate('resumeStudy', { studyId })).toMatchObject({ state: 'RUNNING' });
    await refused(study, 'cancelStudy', { studyId, reason: ' ' }, { code: 'text-empty', field: ['reason'] });
    expect(await mutate('cancelStudy', { studyId, reason: 'enough' })).toMatchObject({ state: 'CANCELLED' });
    for (const name of ['pauseStudy', 'resumeStudy'])
      await refused(study, name, { studyId }, { code: 'study-cancelled', field: ['studyId'] });
    await refused(study, 'extendStudyBudget', { studyId, trials: 99 }, { code: 'study-cancelled', field: ['studyId'] });
  });

  it('extend the budget within what a study file allows', async () => {
    const study = await ready();
    const { studyId } = study;
    expect(await mutate('extendStudyBudget', { studyId, trials: 40 })).toMatchObject({ budget: 40 });
    for (const trials of [0, -1, 1_000_001])
      await refused(study, 'extendStudyBudget', { studyId, trials }, { code: 'bad-budget', field: ['trials'] });
  });

  it('set the share of the slots', async () => {
    const study = await ready();
    const { studyId } = study;
    expect(await mutate('prioritiseStudy', { studyId, priority: -3 })).toMatchObject({ priority: -3 });
    for (const priority of [-11, 11])
      await refused(study, 'prioritiseStudy', { studyId, priority }, { code: 'bad-priority', field: ['priority'] });
  });

  it('archive what does not run, and bring it back', async () => {
    const study = await ready();
    const { studyId } = study;
    await refused(study, 'archiveStudy', { studyId }, { code: 'study-running', field: ['studyId'] });
    await mutate('pauseStudy', { studyId });
    await mutate('archiveStudy', { studyId });
    expect((await now(study)).stored?.archivedAt).toBeInstanceOf(Date);
    await refused(study, 'resumeStudy', { studyId }, { code: 'study-archived' });
    await mutate('unarchiveStudy', { studyId });
    expect((await now(study)).stored?.archivedAt).toBeNull();
  });

  it('delete a study with its checkpoints and logs, once it does not run and its name is typed', async () => {
    const study = await ready();
    const other = await ready();
    const { studyId } = study;
    const [trial] = await study.propose(0);
    const [kept] = await other.propose(0);
    const files = [
      join(api.home, 'checkpoints', trial?.id as string, 'step-000001'),
      join(api.home, 'logs', study.study.name),
      join(api.home, 'checkpoints', kept?.id as string),
    ] as const;
    for (const folder of files) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'file'), 'x');
    }
    const confirmedName = study.study.name;
    await refused(study, 'deleteStudy', { studyId, confirmedName }, { code: 'study-running', field: ['studyId'] });
    await mutate('pauseStudy', { studyId });
    await refused(
      study,
      'deleteStudy',
      { studyId, confirmedName: 'other' },
      { code: 'name-not-confirmed', field: ['confirmedName'] },
    );
    expect(files.map(existsSync)).toEqual([true, true, true]);
    expect(await mutate('deleteStudy', { studyId, confirmedName })).toEqual({
      __typename: 'DeletedStudy',
      name: confirmedName,
      trials: 1,
      checkpoints: 1,
      freedBytes: 2,
    });
    expect(files.map(existsSync)).toEqual([false, false, true]);
    expect(await now(study)).toEqual({ stored: undefined, configurations: [], trials: [], launches: [] });
  });

  it('queue given configurations, all or none, and name each that is wrong', async () => {
    const study = await ready({ budget: { trials: 4 }, replicates: 2 });
    const input = (...configurations: unknown[]) => ({ studyId: study.studyId, configurations, reason: 'a hunch' });
    const added = await mutate('enqueueConfigurations', input({ learningRate: 0.01 }, { learningRate: 0.02 }));
    expect(added.trials).toMatchObject([
      { number: 0, state: 'QUEUED', values: { learningRate: 0.01 } },
      { number: 0 },
      { number: 1, values: { learningRate: 0.02 } },
      { number: 1 },
    ]);
    expect(new Set(added.trials.map(({ seed }: { seed: number }) => seed)).size).toBe(4);
    expect((await now(study)).configurations[0]?.samplerNote).toMatchObject({
      sampler: 'given',
      reason: 'given by local: a hunch',
    });
    const wrong = await refused(
      study,
      'enqueueConfigurations',
      input({ learningRate: 5 }, { learningRate: 0.03 }, {}, { learningRat: 0.01 }),
      { code: 'configuration-not-in-space', field: ['configurations', '0'] },
    );
    expect(wrong.problems.map(({ field }: { field: string[] }) => field[1])).toEqual(['0', '2', '3']);
    expect(wrong.message).toContain('Did you mean learningRate?');
    await refused(study, 'enqueueConfigurations', input({ learningRate: 0.03 }, { learningRate: 0.02 }), {
      code: 'configuration-exists',
      field: ['configurations', '1'],
      message: expect.stringContaining('configuration 1 again'),
    });
    await refused(study, 'enqueueConfigurations', input({ learningRate: 0.03 }, { learningRate: 0.03 }), {
      code: 'listed-configuration',
    });
    await refused(study, 'enqueueConfigurations', input(7, { learningRate: [1] }), {
      code: 'configuration-not-read',
      field: ['configurations', '0'],
    });
    await refused(study, 'enqueueConfigurations', input(...[3, 4, 5].map((n) => ({ learningRate: n / 100 }))), {
      code: 'budget-spent',
    });
    await refused(study, 'enqueueConfigurations', input(), { code: 'configuration-count' });
  });

  it('add given configurations once for a key, also where two come at once', async () => {
    const study = await ready();
    const input = {
      studyId: study.studyId,
      configurations: [{ learningRate: 0.05 }],
      reason: 'r',
      idempotencyKey: 'k-1',
    };
    const [first, second] = await Promise.all([
      mutate('enqueueConfigurations', input),
      mutate('enqueueConfigurations', input),
    ]);
    expect(first.trials).toHaveLength(1);
    expect(second).toEqual(first);
    expect((await now(study)).configurations).toHaveLength(1);
    await refused(study, 'enqueueConfigurations', { ...input, reason: 'another' }, { code: 'idempotency-key-reused' });
  });

  it('respect the constraints of the space', async () => {
    const { space } = (await ready()).study;
    const study = await ready({ space: { ...space, constraints: ['learningRate < 0.05'] } });
    await refused(
      study,
      'enqueueConfigurations',
      { studyId: study.studyId, configurations: [{ learningRate: 0.06 }], reason: 'r' },
      { code: 'configuration-not-in-space', message: expect.stringContaining('constraints learningRate < 0.05') },
    );
  });

  it('replicate the best configuration, a named one, and that of a trial', async () => {
    const study = await ready();
    const { studyId } = study;
    await refused(study, 'replicateConfiguration', { studyId }, { code: 'nothing-completed', field: ['number'] });
    for (const [number, accuracy] of [0.7, 0.9].entries()) {
      await study.propose(number, [1], { learningRate: 0.01 * (number + 1) });
      await study.complete(accuracy);
    }
    await setStudyState(api.db, study.study.id, 'COMPLETED');
    expect(await mutate('replicateConfiguration', { studyId, seeds: 2 })).toMatchObject({
      study: { state: 'RUNNING' },
      trials: [
        { number: 1, replicate: 1 },
        { number: 1, replicate: 2 },
      ],
    });
    expect((await mutate('replicateConfiguration', { studyId, number: 0, seeds: 1 })).trials).toMatchObject([
      { number: 0 },
    ]);
    await refused(
      study,
      'replicateConfiguration',
      { studyId, number: 7 },
      { code: 'unknown-configuration', field: ['number'] },
    );
    for (const seeds of [0, 101])
      await refused(study, 'replicateConfiguration', { studyId, seeds }, { code: 'seed-count', field: ['seeds'] });
    const [trial] = await listTrials(api.db, study.study.id);
    const trialId = globalId('Trial', trial?.id as string);
    expect((await mutate('replicateTrial', { trialId })).trials).toMatchObject([{ number: 0, replicate: 2 }]);
    await mutate('cancelStudy', { studyId, reason: 'enough' });
    await refused(study, 'replicateTrial', { trialId }, { code: 'study-cancelled', field: ['trialId'] });
  });

  it('cancel a trial once', async () => {
    const study = await ready();
    const [trial] = await study.propose(0);
    const input = { trialId: globalId('Trial', trial?.id as string), reason: 'a mistake' };
    await refused(study, 'cancelTrial', { ...input, reason: '' }, { code: 'text-empty', field: ['reason'] });
    expect(await mutate('cancelTrial', input)).toMatchObject({ state: 'CANCELLED', reason: 'a mistake' });
    await refused(study, 'cancelTrial', input, { code: 'trial-ended', field: ['trialId'] });
  });

  it('widen the space of a study that keeps its trials', async () => {
    const study = await ready();
    const { studyId } = study;
    await study.propose(0);
    const wide = (...hyperparameters: object[]) => ({ studyId, hyperparameters });
    for (const [domain, code, field] of [
      [{ name: 'learningRat', maximum: 1 }, 'unknown-hyperparameter', ['hyperparameters', '0']],
      [{ name: 'learningRate', maximum: 0.01 }, 'not-wider', ['hyperparameters', '0']],
      [{ name: 'learningRate' }, 'not-wider', ['hyperparameters']],
      [{ name: 'learningRate', minimum: 0 }, 'domain-not-legal', ['hyperparameters', '0']],
    ] as const)
      await refused(study, 'widenSpace', wide(domain), { code, field });
    const twice = wide({ name: 'learningRate', maximum: 0.2 }, { name: 'learningRate', maximum: 0.5 });
    await refused(study, 'widenSpace', twice, { code: 'widened-twice', field: ['hyperparameters', '1'] });
    expect(await mutate('widenSpace', wide({ name: 'learningRate', maximum: 0.5 }))).toMatchObject({
      changes: ['learningRate: 0.0001 to 0.1, log -> 0.0001 to 0.5, log'],
      firstConfiguration: 1,
      isBudgetSpent: false,
      study: { space: { version: 2 } },
    });
    const both = [{ maximum: 0.6 }, { minimum: 0.00001 }];
    await Promise.all(both.map((end) => mutate('widenSpace', wide({ name: 'learningRate', ...end }))));
    expect((await now(study)).stored?.space).toMatchObject({
      version: 4,
      hyperparameters: [{ domain: { minimum: 0.00001, maximum: 0.6 } }],
    });
  });

  it('lock conclusions and launches until each question is answered or passed over with a reason', async () => {
    const study = await ready();
    const { studyId } = study;
    for (const [number, accuracy] of [0.7, 0.9].entries()) {
      await study.propose(number, [1], { learningRate: 0.01 * (number + 1) });
      await study.complete(accuracy);
    }
    // As their agent does when they end.
    await diagnoseLeft(api.db, study.study, { stop: new AbortController().signal });
    const adoption = { studyId, number: 1, baseline: 0, reason: 'it is better' };
    const conclusion = { studyId, conclusion: 'high rates are best' };
    await refused(study, 'concludeStudy', conclusion, { code: 'conclusion-locked', field: ['studyId'] });
    for (const name of ['adoptConfiguration', 'rejectConfiguration'])
      await refused(study, name, adoption, { code: 'conclusion-locked' });
    await refused(
      study,
      'overrideQuestion',
      { studyId, question: 'curve', reason: 'x' },
      { code: 'unknown-question', field: ['question'] },
    );
    await refused(
      study,
      'overrideQuestion',
      { studyId, question: 'curves', reason: ' ' },
      { code: 'override-without-reason', field: ['reason'] },
    );
    const opened = await mutate('openRound', { goal: 'Which rate is best?', studyIds: [studyId] });
    expect(opened).toMatchObject({ __typename: 'RoundOutcome', goal: 'Which rate is best?', closedAt: null });
    await refused(
      study,
      'openRound',
      { goal: 'Again?', studyIds: [studyId] },
      { code: 'study-in-round', field: ['studyIds'] },
    );
    const end = { roundId: opened.roundId, learned: 'high rates', decision: 'adopted' };
    await refused(study, 'concludeRound', end, { code: 'conclusion-locked', field: ['roundId'] });
    for (const question of QUESTION_IDS) await mutate('overrideQuestion', { studyId, question, reason: 'a test' });
    const { data } = await api.ask(
      'query ($name: String!) { study(name: $name) { analysis { checklist { answers { overrideReason overriddenBy overriddenAt } } } } }',
      { name: study.study.name },
    );
    for (const answer of data.study.analysis.checklist.answers)
      expect(answer).toEqual({
        overrideReason: 'a test',
        overriddenBy: 'local',
        overriddenAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      });

    await refused(
      study,
      'adoptConfiguration',
      { ...adoption, number: 9 },
      { code: 'not-completed', field: ['number'] },
    );
    await refused(
      study,
      'adoptConfiguration',
      { ...adoption, baseline: 9 },
      { code: 'not-completed', field: ['baseline'] },
    );
    await refused(study, 'adoptConfiguration', { ...adoption, baseline: 1 }, { code: 'same-configuration' });
    expect(await mutate('concludeStudy', conclusion)).toMatchObject({
      study: { conclusion: 'high rates are best' },
      isLocked: false,
    });
    const adopted = await mutate('adoptConfiguration', adoption);
    expect(adopted).toMatchObject({
      decision: 'adopted',
      decidedBy: 'local',
      evidence: { objective: 0.9, rank: 1, of: 2 },
    });
    expect(adopted.evidence.checklist.isLocked).toBe(false);
    expect(await mutate('rejectConfiguration', { ...adoption, number: 0, baseline: 1 })).toMatchObject({
      decision: 'rejected',
    });
    expect((await now(study)).launches).toHaveLength(2);

    await refused(
      study,
      'concludeRound',
      { ...end, decision: 'perhaps' },
      { code: 'unknown-decision', field: ['decision'] },
    );
    expect(await mutate('concludeRound', end)).toMatchObject({
      learned: 'high rates',
      decision: 'adopted',
      closedAt: expect.any(String),
    });
    await refused(study, 'concludeRound', end, { code: 'round-closed', field: ['roundId'] });
  });

  it('refuse texts without end', async () => {
    const study = await ready();
    const conclusion = 'x'.repeat(10_001);
    await refused(
      study,
      'concludeStudy',
      { studyId: study.studyId, conclusion },
      { code: 'text-too-long', field: ['conclusion'] },
    );
  });
});
