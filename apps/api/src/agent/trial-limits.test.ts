/** What an agent makes of trainers that run out of memory or of time, fall silent, or go away between trials. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listTrials, readCurves, type Trial } from '@kinetune/storage';
import type { FakeBehaviour } from '../testing/fake-trainer.ts';
import { prepareHomes, type PreparedHomes } from '../testing/prepared-home.ts';
import { studyHere } from '../testing/study-here.ts';
import { DEFAULT_LIMITS, limitsOf } from './trial-run.ts';

let homes: PreparedHomes;
beforeAll(async () => {
  homes = await prepareHomes();
});
afterAll(() => homes[Symbol.dispose]());

const SPACE = `space:
  learningRate: { type: float, minimum: 0.0003, maximum: 0.03, scale: log }
seed: 7`;

interface Ran {
  readonly trials: readonly Trial[];
  /** Steps measured of each trial. */
  readonly steps: readonly (readonly number[])[];
}

async function run(lines: string, trainer: FakeBehaviour, slots = 1): Promise<Ran> {
  await using here = await studyHere(homes.create(), `${SPACE}\n${lines}`);
  await here.run({ trainer, slots });
  const study = await here.study();
  const trials = await listTrials(here.db, study.id);
  const curves = await readCurves(here.db, study.id, {
    trialIds: trials.map(({ id }) => id),
    metrics: ['validationLoss'],
  });
  return { trials, steps: trials.map(({ id }) => curves.find(({ trialId }) => trialId === id)?.steps ?? []) };
}

const FIVE_EPOCHS = [10, 20, 30, 40, 50];
const MEMORY_ERROR =
  'Traceback (most recent call last):\n  File "train.py"\nnumpy._core._exceptions._ArrayMemoryError: Unable to allocate 9 GiB';

describe('a trial that runs out of memory', () => {
  it.each<[string, FakeBehaviour]>([
    ['as its trainer says', { infeasible: [{ epoch: 3, attempt: 1, code: 'out-of-memory' }] }],
    [
      'in the words of TensorFlow',
      {
        failed: [{ epoch: 3, attempt: 1, reason: 'ResourceExhaustedError: OOM when allocating tensor with shape[9]' }],
      },
    ],
    ['in its last words', { dies: [{ epoch: 3, attempt: 1, code: 1, words: MEMORY_ERROR }] }],
  ])('once is tried again without a failure, on a new process: %s', async (_, trainer) => {
    const { trials, steps } = await run('budget: { trials: 1 }', trainer);
    expect(trials).toMatchObject([{ state: 'COMPLETED', attempts: 2, failures: 0 }]);
    expect(steps).toEqual([FIVE_EPOCHS]);
  });

  it.each<[string, FakeBehaviour, string]>([
    [
      'as its trainer says',
      { infeasible: [{ trial: 0, code: 'out-of-memory' }] },
      'out of memory twice: made up: out-of-memory',
    ],
    [
      'with progress and another failure between',
      {
        failed: [
          { trial: 0, attempt: 1, epoch: 2, reason: 'RESOURCE_EXHAUSTED: failed to allocate' },
          { trial: 0, attempt: 3, epoch: 4, reason: 'torch.OutOfMemoryError: CUDA out of memory' },
        ],
        crash: [{ trial: 0, attempt: 2, epoch: 3 }],
      },
      'out of memory twice: torch.OutOfMemoryError: CUDA out of memory',
    ],
    [
      'in its last words',
      { dies: [{ trial: 0, code: 134, words: 'FATAL ERROR: Reached heap limit - JavaScript heap out of memory' }] },
      'out of memory twice: the trainer exited with code 134: it died with the words: FATAL ERROR: Reached heap limit - JavaScript heap out of memory',
    ],
  ])('twice is infeasible, and the study goes on: %s', async (_, trainer, reason) => {
    const { trials } = await run('budget: { trials: 2 }', trainer);
    expect(trials).toMatchObject([
      { state: 'INFEASIBLE', reasonCode: 'out-of-memory', reason },
      { state: 'COMPLETED', attempts: 1 },
    ]);
  });

  it('is told from one that only crashes, three times of which fail it', async () => {
    const { trials } = await run('budget: { trials: 1 }', { dies: [{ code: 1, words: 'Segmentation fault' }] });
    expect(trials).toMatchObject([{ state: 'FAILED', attempts: 3, reasonCode: 'machine' }]);
    expect(trials[0]?.reason).toContain('the trainer exited with code 1');
  });
});

describe('a trial that takes too long', () => {
  it('is stopped, infeasible, and keeps what it measured', async () => {
    const { trials, steps } = await run('budget: { trials: 1 }\nlimits: { trialMinutes: 0.01 }', {
      epochs: 100,
      epochMs: 100,
    });
    expect(trials).toMatchObject([{ state: 'INFEASIBLE', reasonCode: 'time-limit', attempts: 1 }]);
    expect(trials[0]?.reason).toMatch(
      /^it trained for longer than the 0\.01 minutes that a trial may take, and had come to step \d+: raise limits\.trialMinutes/,
    );
    expect(steps[0]?.length).toBeGreaterThanOrEqual(1);
    expect(steps[0]?.at(-1)).toBeLessThan(1000);
  });

  it('counts the time of its attempts together', async () => {
    const { trials } = await run('budget: { trials: 1 }\nlimits: { trialMinutes: 0.02 }', {
      epochs: 100,
      epochMs: 100,
      crash: [{ attempt: 1, epoch: 6 }],
    });
    expect(trials).toMatchObject([{ state: 'INFEASIBLE', reasonCode: 'time-limit', attempts: 2 }]);
    // 1.2 s of 100 ms and more an epoch, the six of the first attempt among them.
    expect(trials[0]?.lastStep).toBeLessThanOrEqual(120);
  });
});

describe('a trainer that falls silent', () => {
  it('is taken as hung and its trial tried again, three times without progress at most', async () => {
    const { trials, steps } = await run('budget: { trials: 2 }\nlimits: { silenceMinutes: 0.005 }', {
      hang: [
        { trial: 0, attempt: 1, epoch: 3 },
        { trial: 1, epoch: 2 },
      ],
    });
    expect(trials).toMatchObject([
      { state: 'COMPLETED', attempts: 2 },
      { state: 'FAILED', reasonCode: 'machine' },
    ]);
    expect(trials[1]?.reason).toMatch(/^hung: no message for \S+ s/);
    expect(steps[0]).toEqual(FIVE_EPOCHS);
  });
});

describe('a trainer that exits after each trial without having said so', () => {
  it.each([0, 20])('costs the next trial no attempt, %d ms after it', async (exitsAfterTrialMs) => {
    const { trials, steps } = await run('budget: { trials: 4 }', { exitsAfterTrialMs });
    expect(trials.map(({ state, attempts, failures }) => [state, attempts, failures])).toEqual(
      Array(4).fill(['COMPLETED', 1, 0]),
    );
    expect(steps).toEqual(Array(4).fill(FIVE_EPOCHS));
  });
});

describe('the limits of a study', () => {
  it('are those it states, and for the rest those of the machine', () => {
    expect(limitsOf(DEFAULT_LIMITS, null)).toEqual(DEFAULT_LIMITS);
    expect(limitsOf(DEFAULT_LIMITS, { silenceMinutes: 30 })).toEqual({ ...DEFAULT_LIMITS, silenceMs: 1_800_000 });
    expect(limitsOf(DEFAULT_LIMITS, { trialMinutes: 90 }).trialMs).toBe(5_400_000);
  });
});
