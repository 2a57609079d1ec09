import { eventsAfter, findStudyByName, listTrials, requeueExpiredLeases, requeueOrphans } from '@kinetune/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveApi, type ServedApi } from '../testing/served-api.ts';

const REFUSAL = '... on Refusal { code message field }';
const ASK = `mutation ($input: AskConfigurationInput!) { askConfiguration(input: $input) { __typename ${REFUSAL}
  ... on NothingToTrain { reason message }
  ... on LeasedTrial { lease leaseEndsAt configuration seed epochs resumeFromStep trial { id number attempts state } } } }`;
const TELL = `mutation ($input: TellMeasurementsInput!) { tellMeasurements(input: $input) { __typename ${REFUSAL}
  ... on ToldMeasurements { storedCount shouldStop reason leaseEndsAt } } }`;
const RENEW = `mutation ($input: RenewLeaseInput!) { renewLease(input: $input) { __typename ${REFUSAL}
  ... on RenewedLease { leaseEndsAt } } }`;
const FINISH = `mutation ($input: FinishTrialInput!) { finishTrial(input: $input) { __typename ${REFUSAL}
  ... on Trial { state reasonCode reason bestValue attempts } } }`;

describe('ask and tell', () => {
  let api: ServedApi;
  beforeAll(async () => {
    api = await serveApi();
  });
  afterAll(async () => {
    expect(api.hidden).toEqual([]);
    await api[Symbol.asyncDispose]();
  });

  let studies = 0;
  /** A study of its own; `lines` of its file besides the usual ones. */
  async function askedStudy(lines = 'budget: { trials: 3 }'): Promise<string> {
    const name = `asked-${studies++}`;
    const yaml = `name: ${name}
goal: does asking work?
phase: exploit
trainer: { ask: true, metrics: [{ name: loss, direction: minimise }, { name: speed, direction: maximise, split: system }] }
objective: { metric: loss, direction: minimise }
space: { rate: { type: float, minimum: 0.001, maximum: 1, scale: log } }
fixed: { epochs: { value: 10, reason: test } }
sampler: halton
${lines}
`;
    const create =
      'mutation ($input: CreateStudyInput!) { createStudy(input: $input) { __typename ... on Refusal { message } } }';
    const { data } = await api.ask(create, { input: { yaml } });
    expect(data.createStudy).toEqual({ __typename: 'CreateStudyPayload' });
    return name;
  }
  const run = async (query: string, input: object) => {
    const { data, errors } = await api.ask(query, { input });
    expect(errors).toBeUndefined();
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- one of several results, told apart by what is expected
    return Object.values(data)[0] as any;
  };
  const ask = (study: string, leaseSeconds = 60) => run(ASK, { study, leaseSeconds, worker: 'test' });
  const tell = (lease: string, steps: readonly number[], value: number | null = 0.5) =>
    run(TELL, { lease, measurements: steps.map((step) => ({ step, epoch: step, values: { loss: value } })) });
  const finish = (lease: string, state = 'COMPLETED', reason?: string) => run(FINISH, { lease, state, reason });

  it('gives each trial once, stores what is told, and completes the study with the last', async () => {
    const study = await askedStudy();
    const numbers = [];
    for (let index = 0; index < 3; index++) {
      const asked = await ask(study);
      expect(asked).toMatchObject({ __typename: 'LeasedTrial', epochs: 10, resumeFromStep: null });
      expect(asked.configuration).toMatchObject({ epochs: 10, rate: expect.any(Number) });
      numbers.push(asked.trial.number);
      expect(await tell(asked.lease, [1, 2], 0.5 - index / 10)).toMatchObject({ storedCount: 2, shouldStop: false });
      // Sent again after an answer that was lost.
      expect(await tell(asked.lease, [1, 2], 0.5 - index / 10)).toMatchObject({ storedCount: 0 });
      const ended = { __typename: 'Trial', state: 'COMPLETED', bestValue: 0.5 - index / 10 };
      expect(await finish(asked.lease)).toMatchObject(ended);
      expect(await finish(asked.lease)).toMatchObject(ended);
      expect(await tell(asked.lease, [3])).toMatchObject({ code: 'trial-ended', field: ['lease'] });
    }
    expect(numbers).toEqual([0, 1, 2]);
    expect((await findStudyByName(api.db, study))?.state).toBe('COMPLETED');
    expect(await ask(study)).toMatchObject({ __typename: 'NothingToTrain', reason: 'FINISHED' });
  });

  it('gives no trial twice to those who ask at the same time', async () => {
    const study = await askedStudy('budget: { trials: 6 }\nparallelism: 5');
    const asked = await Promise.all(Array.from({ length: 8 }, () => ask(study)));
    const leased = asked.filter(({ __typename }) => __typename === 'LeasedTrial');
    expect(new Set(leased.map(({ trial }) => trial.number)).size).toBe(5);
    expect(leased).toHaveLength(5);
    expect(asked.filter(({ reason }) => reason === 'BUSY')).toHaveLength(3);
  });

  it('takes the trial of an expired lease back, refuses its writes, and gives it to the next, up to a cap', async () => {
    const study = await askedStudy('budget: { trials: 1 }');
    const expire = async (lease: string): Promise<void> => {
      const trialId = lease.split('.')[0] as string;
      await api.db.execute(`update trials set lease_ends_at = now() - interval '1 second' where id = '${trialId}'`);
    };
    const first = await ask(study);
    await tell(first.lease, [1]);
    await expire(first.lease);
    const late = await tell(first.lease, [2]);
    expect(late).toMatchObject({ __typename: 'Refusal', code: 'lease-expired', field: ['lease'] });
    const second = await ask(study);
    expect(second).toMatchObject({ trial: { number: 0, attempts: 2 }, resumeFromStep: null });
    expect(await tell(first.lease, [2])).toMatchObject({ code: 'lease-lost' });
    expect(await finish(first.lease)).toMatchObject({ code: 'lease-lost' });
    expect(await run(RENEW, { lease: first.lease, leaseSeconds: 60 })).toMatchObject({ code: 'lease-lost' });
    const [trial] = await listTrials(api.db, (await findStudyByName(api.db, study))?.id as string);
    expect(trial).toMatchObject({ state: 'RUNNING', lastStep: 1 });
    // What an agent's death does to its trials does nothing to those that were asked for.
    await requeueOrphans(api.db, []);
    const renewed = await run(RENEW, { lease: second.lease, leaseSeconds: 3600 });
    expect(new Date(renewed.leaseEndsAt).getTime()).toBeGreaterThan(Date.now() + 3_000_000);
    await expire(second.lease);
    const third = await ask(study);
    expect(third).toMatchObject({ trial: { attempts: 3 } });
    await expire(third.lease);
    await requeueExpiredLeases(api.db, { maxFailures: 3 });
    expect((await listTrials(api.db, trial?.studyId as string))[0]).toMatchObject({ state: 'FAILED' });
    // Nobody is to do it again until somebody has seen to it.
    const message = expect.stringContaining('is PAUSED: expected a study that is RUNNING, resume it');
    expect(await ask(study)).toMatchObject({ reason: 'NOT_RUNNING', message });
  });

  it('goes on from the last step that was told as resumable', async () => {
    const study = await askedStudy();
    const first = await ask(study);
    const measurement = { epoch: 1, values: { loss: 1 } };
    const measurements = [
      { ...measurement, step: 5, isResumable: true },
      { ...measurement, step: 6 },
    ];
    expect(await run(TELL, { lease: first.lease, measurements })).toMatchObject({ storedCount: 2 });
    expect(await finish(first.lease, 'FAILED', 'the node was taken away')).toMatchObject({ state: 'QUEUED' });
    expect(await ask(study)).toMatchObject({ resumeFromStep: 5, trial: { number: 0, attempts: 2 } });
  });

  it('stores what is not finite as null, and takes a trial that never was finite as infeasible', async () => {
    const study = await askedStudy();
    const diverged = await ask(study);
    expect(await tell(diverged.lease, [1, 2], null)).toMatchObject({ storedCount: 2, shouldStop: false });
    expect(await finish(diverged.lease)).toMatchObject({ state: 'INFEASIBLE', reasonCode: 'diverged' });
    const refused = await ask(study);
    expect(await finish(refused.lease)).toMatchObject({ code: 'nothing-measured', field: ['state'] });
    expect(await finish(refused.lease, 'INFEASIBLE')).toMatchObject({ code: 'text-empty', field: ['reason'] });
    expect(await finish(refused.lease, 'INFEASIBLE', 'does not fit')).toMatchObject({
      state: 'INFEASIBLE',
      reason: 'does not fit',
    });
  });

  it('says stop, and why, when the pruner ends a trial', async () => {
    const study = await askedStudy('budget: { trials: 4 }\npruner: { kind: percentile, startupTrials: 2, warmup: 1 }');
    for (const loss of [0.1, 0.2]) {
      const { lease } = await ask(study);
      await tell(lease, [1, 2, 3], loss);
      await finish(lease);
    }
    const good = await ask(study);
    expect(await tell(good.lease, [1, 2, 3], 0.05)).toMatchObject({ shouldStop: false, reason: null });
    const bad = await ask(study);
    const told = await tell(bad.lease, [1, 2, 3], 0.9);
    expect(told).toMatchObject({ storedCount: 3, shouldStop: true, leaseEndsAt: null });
    expect(told.reason).toMatch(/\w/);
    expect(await finish(bad.lease)).toMatchObject({ state: 'PRUNED', reason: told.reason });
  });

  it.each([
    ['study', ASK, { study: 'nowhere', leaseSeconds: 60, worker: 'test' }, 'unknown-study'],
    ['leaseSeconds', ASK, { study: 'asked-0', leaseSeconds: 0, worker: 'test' }, 'bad-lease-seconds'],
    ['worker', ASK, { study: 'asked-0', leaseSeconds: 60, worker: ' ' }, 'text-empty'],
    ['lease', TELL, { lease: 'mine', measurements: [] }, 'bad-lease'],
    ['lease', FINISH, { lease: `${crypto.randomUUID()}.1`, state: 'COMPLETED' }, 'unknown-trial'],
  ])('refuses a wrong %s with a typed result', async (field, query, input, code) => {
    expect(await run(query, input)).toMatchObject({ __typename: 'Refusal', code, field: [field] });
  });

  it('refuses measurements that the study cannot hold, and stores none of them', async () => {
    const study = await askedStudy();
    const { lease } = await ask(study);
    const good = { step: 1, epoch: 1, values: { loss: 1 } };
    for (const [wrong, field] of [
      [{ step: -1 }, ['measurements', '1', 'step']],
      [{ epoch: -1 }, ['measurements', '1', 'epoch']],
      [{ values: { loss: 'low' } }, ['measurements', '1', 'values']],
      [{ values: [1] }, ['measurements', '1', 'values']],
      [{ values: { lose: 1 } }, ['measurements', '1', 'values']],
    ] as const) {
      const told = await run(TELL, { lease, measurements: [good, { ...good, step: 2, ...wrong }] });
      expect(told).toMatchObject({ __typename: 'Refusal', field });
    }
    const id = (await findStudyByName(api.db, study))?.id as string;
    const events = await eventsAfter(api.db, id, { sequence: 0 });
    expect(events.filter(({ type }) => type === 'measurement')).toEqual([]);
  });

  it('gives nothing of a study that agents train, or that is paused', async () => {
    const study = await askedStudy();
    await api.db.execute(`update studies set state = 'PAUSED' where name = '${study}'`);
    expect(await ask(study)).toMatchObject({ __typename: 'NothingToTrain', reason: 'NOT_RUNNING' });
    await api.db.execute(`update studies set trainer = '{"kind": "built-in"}' where name = '${study}'`);
    expect(await ask(study)).toMatchObject({ __typename: 'Refusal', code: 'study-not-asked' });
  });
});
