/** Agents on a PostgreSQL database that several processes share. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listMeasurements, openPostgres, type Storage } from '@kinetune/storage';
import { findPostgres, startPostgres, type PostgresServer } from '@kinetune/storage/testing';
import { schedulingHere, SMALL_SPACE, TEST_TIMES, type SchedulingHere } from '../testing/scheduling-here.ts';

describe.skipIf(findPostgres() === undefined)('agents on PostgreSQL (apt-get install -y postgresql)', () => {
  let server: PostgresServer;
  const store = mkdtempSync(join(tmpdir(), 'kinetune-store-'));
  let storages: Storage[];
  let machines: SchedulingHere[];
  beforeAll(async () => {
    server = await startPostgres();
  }, 120_000);
  beforeEach(async () => {
    const url = server.newDatabase();
    const homes = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'kinetune-machine-')));
    storages = await Promise.all(homes.map((home) => openPostgres(home, url)));
    machines = storages.map(schedulingHere);
  });
  afterEach(async () => {
    for (const machine of machines) await machine[Symbol.asyncDispose]();
    for (const storage of storages) {
      await storage[Symbol.asyncDispose]();
      rmSync(storage.home, { recursive: true, force: true });
    }
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(store, { recursive: true, force: true });
  });

  it('train the trials of several studies between them, each trial once', async () => {
    const [one, two] = machines as [SchedulingHere, SchedulingHere];
    const studies = [
      await one.study('first', `${SMALL_SPACE}\nbudget: { trials: 8 }`),
      await one.study(
        'second',
        `${SMALL_SPACE}\nphase: exploit\nsampler: { kind: tpe, startupTrials: 3 }\nbudget: { trials: 6 }`,
      ),
    ];
    for (const machine of machines) machine.scheduler();
    const agents = [
      await one.agent({ count: 2, store, trainer: { epochMs: 50 } }),
      await two.agent({ count: 2, store, trainer: { epochMs: 50 } }),
    ];
    for (const study of studies) {
      await two.completed(study);
      const trials = await two.trials(study);
      expect(trials.map(({ number, state, attempts }) => [number, state, attempts])).toEqual(
        Array.from({ length: study.budget.trials }, (_, number) => [number, 'COMPLETED', 1]),
      );
    }
    const trained = (await Promise.all(studies.map((study) => one.trials(study)))).flat();
    expect(new Set(trained.map(({ agentId }) => agentId))).toEqual(new Set(agents.map(({ id }) => id)));
    expect([...one.problems, ...two.problems]).toEqual([]);
  });

  it('give trials back when they are stopped, and another machine goes on from the checkpoint in the store', async () => {
    const [one, two] = machines as [SchedulingHere, SchedulingHere];
    const study = await one.study('moved', `${SMALL_SPACE}\nbudget: { trials: 1 }`);
    one.scheduler();
    const stop = new AbortController();
    const agent = await one.agent({ store, trainer: { epochs: 12, epochMs: 100 }, stop: stop.signal });
    await one.until(async () => ((await one.trials(study))[0]?.lastStep ?? 0) >= 30);
    stop.abort();
    await agent.done;
    const [given] = await one.trials(study);
    expect(given).toMatchObject({ state: 'QUEUED', failures: 0, attempts: 1 });
    const resumed: number[] = [];
    await two.agent({
      store,
      trainer: { epochs: 12 },
      onEvent: (event) => {
        if (event.type === 'trial-started') resumed.push(event.resumedFromEpoch);
      },
    });
    await two.completed(study);
    expect(resumed).toEqual([(given?.lastStep as number) / 10]);
    const [trial] = await two.trials(study);
    const measurements = await listMeasurements((storages[1] as Storage).db, study.id, trial?.id as string);
    expect(measurements.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 12 }, (_, epoch) => epoch + 1));
  });

  it('leave a study alone that they cannot train, say so, and train the others', async () => {
    const [one] = machines as [SchedulingHere];
    const foreign = await one.study('foreign', `${SMALL_SPACE}\nbudget: { trials: 1 }`);
    const study = await one.study('known', `${SMALL_SPACE}\nbudget: { trials: 2 }`);
    one.scheduler({ times: { ...TEST_TIMES, patienceMs: 500 } });
    const told: string[] = [];
    const workOf = one.workOf({});
    await one.agent({
      workOf: async (asked) =>
        asked.id === foreign.id ? { type: 'not-here', reason: 'its recordings are elsewhere' } : workOf(asked),
      onProblem: (problem) => void told.push((problem as Error).message),
    });
    await one.completed(study);
    expect((await one.trials(foreign)).map(({ attempts }) => attempts)).not.toContain(1);
    expect(told).toContain('foreign cannot be trained here: its recordings are elsewhere');
  });
});
