/** Schedulers and agents together on an embedded database, with the fake trainer. */
import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  eventsAfter,
  findStudy,
  listConfigurations,
  openStorage,
  resumeStudy,
  setStudyState,
  updateStudyBudget,
  type Storage,
  type Study,
} from '@kinetune/storage';
import { prepareHomes, type PreparedHomes } from '../testing/prepared-home.ts';
import { schedulingHere, SMALL_SPACE, TEST_TIMES, type SchedulingHere } from '../testing/scheduling-here.ts';
import { createBell } from './bell.ts';

let homes: PreparedHomes;
let storage: Storage;
let here: SchedulingHere;
beforeAll(async () => {
  homes = await prepareHomes();
});
beforeEach(async () => {
  storage = await openStorage(homes.create());
  here = schedulingHere(storage);
});
afterEach(async () => {
  await here[Symbol.asyncDispose]();
  await storage[Symbol.asyncDispose]();
  rmSync(storage.home, { recursive: true });
});
afterAll(() => homes[Symbol.dispose]());

/** Trials started, by study, in the order of their starts. */
function recorder() {
  const started: string[] = [];
  return {
    started,
    onEvent: (event: { readonly type: string }, study: Study) => {
      if (event.type === 'trial-started') started.push(study.name);
    },
  };
}

const count = (names: readonly string[], name: string): number => names.filter((other) => other === name).length;

describe('several studies', () => {
  it('share the slots equally, whichever was first', async () => {
    const first = await here.study('first', `${SMALL_SPACE}\nbudget: { trials: 30 }`);
    const { started, onEvent } = recorder();
    here.scheduler();
    await here.agent({ count: 2, trainer: { epochMs: 20 }, onEvent });
    await here.until(async () => started.length >= 4);
    const second = await here.study('second', `${SMALL_SPACE}\nbudget: { trials: 8 }`);
    await here.completed(second);
    // Both had a slot each: while the second trained its eight, the first trained about as many.
    const meanwhile = count(started.slice(started.indexOf('second'), started.lastIndexOf('second')), 'first');
    expect(meanwhile).toBeGreaterThanOrEqual(4);
    expect(meanwhile).toBeLessThanOrEqual(11);
    await here.completed(first);
    expect((await here.trials(first)).map(({ state }) => state)).toEqual(Array.from({ length: 30 }, () => 'COMPLETED'));
    expect(here.problems).toEqual([]);
  });

  it('are served by priority: one step gets two of three slots', async () => {
    const usual = await here.study('usual', `${SMALL_SPACE}\nbudget: { trials: 40 }`);
    const urgent = await here.study('urgent', `${SMALL_SPACE}\nbudget: { trials: 12 }`, { priority: 1 });
    const { started, onEvent } = recorder();
    here.scheduler();
    await here.agent({ count: 3, trainer: { epochMs: 20 }, onEvent });
    await here.completed(urgent);
    const meanwhile = count(started.slice(started.indexOf('urgent'), started.lastIndexOf('urgent')), 'usual');
    expect(meanwhile).toBeGreaterThanOrEqual(3);
    expect(meanwhile).toBeLessThanOrEqual(10);
    await setStudyState(storage.db, usual.id, 'PAUSED');
  });

  it('run no more trials at once than their parallelism', async () => {
    const study = await here.study('narrow', `${SMALL_SPACE}\nbudget: { trials: 5 }\nparallelism: 1`);
    here.scheduler();
    await here.agent({ count: 3, trainer: { epochMs: 5 } });
    await here.completed(study);
    let running = 0;
    for (const { type, detail } of await eventsAfter(storage.db, study.id, { sequence: 0 })) {
      if (type !== 'trial-changed') continue;
      if (detail.state === 'RUNNING' && 'attempt' in detail) running++;
      if (detail.state === 'COMPLETED') running--;
      expect(running).toBeLessThanOrEqual(1);
    }
  });
});

describe('proposals', () => {
  it('of an adaptive sampler wait for a slot, those of a sequence are queued ahead', async () => {
    const adaptive = await here.study(
      'adaptive',
      `${SMALL_SPACE}\nphase: exploit\nsampler: { kind: tpe, startupTrials: 2 }\nbudget: { trials: 9 }`,
    );
    const sequence = await here.study('sequence', `${SMALL_SPACE}\nbudget: { trials: 9 }`);
    const bell = createBell();
    here.scheduler({ bell });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await here.trials(adaptive)).toEqual([]); // there is no slot
    await here.agent({ count: 4, trainer: { epochs: 3, epochMs: 600_000 }, bell });
    const states = async (study: Study) => (await here.trials(study)).map(({ state }) => state).toSorted();
    await here.until(async () => (await here.trials(sequence)).length === 4);
    await here.until(async () => (await states(adaptive)).filter((state) => state === 'RUNNING').length === 2);
    expect(await states(adaptive)).toEqual(['RUNNING', 'RUNNING']);
    await here.until(async () => (await states(sequence)).join() === 'QUEUED,QUEUED,RUNNING,RUNNING');
  });

  it('end with the budget; a larger one goes on', async () => {
    const study = await here.study('grown', `${SMALL_SPACE}\nbudget: { trials: 2 }`);
    here.scheduler();
    await here.agent({ count: 2 });
    await here.completed(study);
    expect(await here.trials(study)).toHaveLength(2);
    await updateStudyBudget(storage.db, study.id, { trials: 5 });
    await here.completed(study);
    expect((await here.trials(study)).map(({ number }) => number)).toEqual([0, 1, 2, 3, 4]);
  });

  it('end when a finite space is used up', async () => {
    const study = await here.study(
      'finite',
      'space:\n  dropout: { type: categorical, choices: [0, 0.2, 0.4] }\nbudget: { trials: 9 }',
    );
    here.scheduler();
    await here.agent({ count: 2 });
    await here.completed(study);
    expect((await here.trials(study)).map(({ values }) => values.dropout).toSorted()).toEqual([0, 0.2, 0.4]);
  });

  it('go on with the second phase in the refined space', async () => {
    const study = await here.study(
      'phases',
      `${SMALL_SPACE}\nbudget: { trials: 6 }\nexploit: { trials: 3, override: 'to see it run' }`,
    );
    here.scheduler();
    await here.agent({ count: 2 });
    const done = await here.completed(study);
    expect(done.phase).toBe('exploit');
    expect((await listConfigurations(storage.db, study.id)).map(({ spaceVersion }) => spaceVersion)).toEqual([
      1, 1, 1, 1, 1, 1, 2, 2, 2,
    ]);
  });
});

describe('two schedulers', () => {
  it('have one leader, and the other takes its place', async () => {
    const study = await here.study('led', `${SMALL_SPACE}\nbudget: { trials: 12 }`);
    const first = here.scheduler({ isShared: true });
    await here.until(async () => first.isLeading);
    const second = here.scheduler({ isShared: true });
    await here.agent({ count: 2, trainer: { epochMs: 20 }, isShared: true });
    await here.until(async () => (await here.trials(study)).length >= 4);
    expect([first.isLeading, second.isLeading]).toEqual([true, false]);
    await first[Symbol.asyncDispose]();
    await here.until(async () => second.isLeading);
    await here.completed(study);
    const trials = await here.trials(study);
    expect(trials.map(({ number, state, attempts }) => [number, state, attempts])).toEqual(
      trials.map((_, number) => [number, 'COMPLETED', 1]),
    );
    expect(trials).toHaveLength(12);
    expect(here.problems).toEqual([]);
  });
});

describe('what was lost', () => {
  it('is found: trials of an agent that fell silent are trained by another from where they were', async () => {
    const study = await here.study('orphaned', `${SMALL_SPACE}\nbudget: { trials: 2 }`);
    here.scheduler({ isShared: true });
    const times = { ...TEST_TIMES, heartbeatMs: 1e8, silentForMs: 1e9 };
    const silent = await here.agent({ count: 2, isShared: true, trainer: { epochs: 3, epochMs: 600_000 }, times });
    await here.until(async () => silent.running === 2);
    await here.agent({ count: 2, isShared: true });
    await here.completed(study);
    for (const { attempts, failures, agentId } of await here.trials(study)) {
      expect({ attempts, failures }).toEqual({ attempts: 2, failures: 0 }); // it has got further since
      expect(agentId).not.toBe(silent.id);
    }
  });

  it('is found: a queued trial whose job is missing gets another', async () => {
    const study = await here.study('jobless', `${SMALL_SPACE}\nbudget: { trials: 4 }`);
    here.scheduler();
    const bell = createBell();
    const agent = await here.agent({ count: 1, trainer: { epochMs: 50 }, bell });
    await here.until(async () => agent.running === 1);
    await storage.db.execute('delete from pgboss.job');
    await here.completed(study);
    expect((await here.trials(study)).map(({ state }) => state)).toEqual(Array.from({ length: 4 }, () => 'COMPLETED'));
  });

  it('pauses a study whose last trials failed, says so, and goes on with them when it is resumed', async () => {
    const study = await here.study('failing', `${SMALL_SPACE}\nbudget: { trials: 2 }`);
    here.scheduler();
    const agent = await here.agent({ trainer: { failed: [{ trial: 1, epoch: 1 }] } });
    const state = async (): Promise<unknown> => (await findStudy(storage.db, study.id))?.state;
    await here.until(async () => (await state()) === 'PAUSED');
    expect((await here.trials(study)).map((trial) => trial.state)).toEqual(['COMPLETED', 'FAILED']);
    expect(here.problems).toContainEqual(
      expect.objectContaining({
        code: 'study-paused',
        message: expect.stringContaining('the machine failed 1 trial,'),
      }),
    );
    await agent[Symbol.asyncDispose]();
    await resumeStudy(storage.db, study.id);
    await here.agent({});
    await here.completed(study);
  });
});

describe('stopping', () => {
  it('gives trials back with what they have, and another agent goes on from there', async () => {
    const study = await here.study('stopped', `${SMALL_SPACE}\nbudget: { trials: 3 }`);
    here.scheduler();
    const stop = new AbortController();
    const agent = await here.agent({ count: 2, trainer: { epochs: 20, epochMs: 50 }, stop: stop.signal });
    await here.until(async () => (await here.trials(study)).some(({ lastStep }) => (lastStep ?? 0) >= 30));
    stop.abort();
    await agent.done;
    const given = (await here.trials(study)).filter(({ lastStep }) => (lastStep ?? 0) >= 30);
    expect(given.length).toBeGreaterThanOrEqual(1);
    expect((await here.trials(study)).map(({ state }) => state)).not.toContain('RUNNING');
    const resumed: number[] = [];
    await here.agent({
      count: 2,
      trainer: { epochs: 20 },
      onEvent: (event) => {
        if (event.type === 'trial-started') resumed.push(event.resumedFromEpoch);
      },
    });
    await here.completed(study);
    expect(Math.max(...resumed)).toBeGreaterThanOrEqual(3);
    for (const { failures, lastStep } of await here.trials(study))
      expect({ failures, lastStep }).toEqual({ failures: 0, lastStep: 200 });
  });
});
