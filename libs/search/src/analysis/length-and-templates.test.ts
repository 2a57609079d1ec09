import { InputError, type FixedHyperparameter, type LearningRateSchedule } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { spaceOf } from '../testing/sample-spaces.ts';
import { trialOf } from '../testing/trial-of.ts';
import { lengthTransfer } from './length-transfer.ts';
import type { MeasuredCurve } from './measured-curve.ts';
import { refinedSpace } from './refined-space.ts';
import { extendSchedule, judgeExtension } from './schedule-extension.ts';
import { staleConclusions } from './stale-conclusions.ts';
import { judgeSteps, stepsFinder } from './steps-finder.ts';
import { transferTable } from './transfer-table.ts';
import { judgeWarmups, warmupFinder, warmupProbes } from './warmup-finder.ts';

const rates = { type: 'float', minimum: 1e-4, maximum: 1e-1, scale: 'log' } as const;

function curveOf(number: number, column: string, values: readonly (number | null)[]): MeasuredCurve {
  const steps = values.map((_, i) => 10 * (i + 1));
  return { number, state: 'COMPLETED', steps, epochs: steps, values: { [column]: values } };
}

describe('the steps finder', () => {
  const sweep = { learningRates: rates, trainingSteps: 400 };
  /** Each fits perfectly from that step on, never where null. */
  const runs = (perfectAt: readonly (number | null)[]) =>
    perfectAt.map((at, i) => ({
      learningRate: 10 ** (i - 4),
      trial: curveOf(
        i,
        'trainAccuracy',
        [10, 20, 30, 40].map((step) => (at !== null && step >= at ? 1 : 0.5 + i / 100)),
      ),
    }));

  it('proposes constant rates without regularisation', () => {
    const step = stepsFinder({ ...sweep, hyperparameters: ['dropout'] });
    expect(step).toMatchObject({
      trialCount: 8,
      trainingSteps: 400,
      fixed: { dropout: 0, schedule: 'constant', warmupEpochs: 0 },
    });
    expect(step.fixed).not.toHaveProperty('mixup');
    expect(step.configurations?.map(({ learningRate }) => learningRate)).toEqual(
      Array.from({ length: 8 }, (_, i) => expect.closeTo(1e-4 * 1000 ** (i / 7), 9) as number),
    );
  });

  it('takes the steps of the fastest perfect fit, unless its rate ends the sweep', () => {
    expect(judgeSteps(runs([null, 30, 20, 40]), sweep)).toMatchObject({
      verdict: 'found',
      numbers: { steps: 20, bestRate: 0.01 },
      next: { trainingSteps: 20 },
    });
    expect(judgeSteps(runs([null, 40, 30, 20]), sweep)).toMatchObject({
      verdict: 'rate-at-edge',
      numbers: { steps: null },
      next: { action: 'widen-space', trialCount: 8 },
    });
  });

  it('trains longer where nothing fits', () => {
    const none = runs([null, null, null]).reverse();
    // The closest fit must not be at an end: the middle one.
    const middle = [...none, { learningRate: 1, trial: curveOf(9, 'trainAccuracy', [0.4]) }];
    expect(judgeSteps(middle, sweep)).toMatchObject({ verdict: 'no-perfect-fit', next: { trainingSteps: 800 } });
    expect(judgeSteps([], sweep).verdict).toBe('too-few');
  });
});

describe('the warm-up finder', () => {
  const sweep = {
    configuration: { learningRate: 1e-3, dropout: 0.1 },
    unstableRate: 4e-3,
    maxSteps: 10_000,
    stepsPerEpoch: 50,
  };

  it('sweeps orders of magnitude up to a tenth of the training, at ten times the unstable rate', () => {
    const probes = warmupProbes(sweep);
    expect(probes.map(({ warmupSteps }) => warmupSteps)).toEqual([10, 100, 1000]);
    expect(probes[1]?.values).toEqual({ learningRate: 0.04, dropout: 0.1, schedule: 'constant', warmupEpochs: 2 });
    expect(warmupFinder(sweep)).toMatchObject({ action: 'warm-up', trialCount: 3, trainingSteps: 3000 });
    expect(warmupProbes({ ...sweep, maxSteps: 5000 }).map(({ warmupSteps }) => warmupSteps)).toEqual([10, 100, 500]);
    expect(() => warmupProbes({ ...sweep, maxSteps: 50 })).toThrow(InputError);
  });

  const stable = [2, 1.5, 1, 0.8];
  const unstable = [2, 1, 3, 3];
  const runs = (losses: readonly (readonly number[])[]) =>
    losses.map((values, i) => ({ warmupSteps: 10 ** (i + 1), trial: curveOf(i, 'trainLoss', values) }));

  it('takes the shortest that is stable, puts it before the training, and lengthens the training for a long one', () => {
    expect(judgeWarmups(runs([unstable, stable, stable]), { maxSteps: 10_000 })).toMatchObject({
      verdict: 'found',
      numbers: { warmupSteps: 100, totalSteps: 10_100 },
    });
    expect(judgeWarmups(runs([unstable, unstable, stable]), { maxSteps: 10_000 })).toMatchObject({
      verdict: 'lengthen-training',
      numbers: { warmupSteps: 1000, totalSteps: 21_000, warmupShare: 0.1 },
    });
  });

  it('trusts no stable one below an unstable one, and asks for clipping where none is stable', () => {
    expect(judgeWarmups(runs([stable, unstable, stable]), { maxSteps: 100_000 }).numbers.warmupSteps).toBe(1000);
    expect(judgeWarmups(runs([unstable, unstable]), { maxSteps: 10_000 })).toMatchObject({
      verdict: 'none-stable',
      next: { action: 'clip-gradients' },
    });
    expect(judgeWarmups([], { maxSteps: 10_000 }).verdict).toBe('too-few');
  });
});

describe('another length', () => {
  const trained = (totalSteps: number, values: readonly number[]) => ({
    totalSteps,
    trials: values.map((value, i) => trialOf(i, { learningRate: i + 1, epochs: totalSteps }, value)),
  });
  const options = { direction: 'maximise' } as const;
  const short = [1, 2, 3, 4, 5, 6, 7, 8];

  it('keeps the order, in part or not at all, whatever the length is called', () => {
    const same = lengthTransfer(trained(100, short), trained(1000, short), options);
    expect(same).toMatchObject({ verdict: 'transfers', numbers: { tau: 1, isBestSame: true, topKept: 3 } });
    expect(lengthTransfer(trained(1000, short), trained(100, short), options).numbers.shorterSteps).toBe(100);
    const turned = lengthTransfer(trained(100, short), trained(1000, [...short].reverse()), options);
    expect(turned).toMatchObject({ verdict: 'does-not', status: 'fail', numbers: { tau: -1 } });
    // 21 of 28 pairs in the same order: (21 - 7) / 28.
    const partly = lengthTransfer(trained(100, short), trained(1000, [8, 1, 2, 3, 4, 5, 6, 7]), options);
    expect(partly).toMatchObject({ verdict: 'partly', numbers: { tau: 0.5 } });
    expect(partly.numbers.interval?.[0]).toBeLessThan(0.5);
  });

  it('needs shared configurations, and proposes the best that are not shared', () => {
    const few = lengthTransfer(trained(100, short), trained(1000, [1, 2]), options);
    expect(few).toMatchObject({ verdict: 'too-few', next: { trialCount: 3, trainingSteps: 1000 } });
    expect(few.next?.configurations?.[0]).toMatchObject({ learningRate: 8 });
  });

  it('keeps warm-up, narrows the optimizer, and tunes the schedule again', () => {
    const unit = { type: 'float', minimum: 0, maximum: 1, scale: 'linear' } as const;
    const base = spaceOf({ beta1: unit, warmupEpochs: unit, decayShare: unit });
    const space = {
      ...base,
      hyperparameters: base.hyperparameters.map((one) =>
        one.name === 'decayShare' ? { ...one, kind: 'schedule' as const } : one,
      ),
    };
    const trials = Array.from({ length: 60 }, (_, i) => {
      const [beta1, warmupEpochs, decayShare] = [((i * 7) % 60) / 60, ((i * 11) % 60) / 60, ((i * 13) % 60) / 60];
      return trialOf(
        i,
        { beta1, warmupEpochs, decayShare },
        -((beta1 - 0.5) ** 2) - (warmupEpochs - 0.5) ** 2 - (decayShare - 0.5) ** 2,
      );
    });
    const refined = refinedSpace(space, trials, options);
    const { rows, next } = transferTable(space, trials, { ...options, refined, trainingSteps: 5000 });
    expect(rows.map(({ name, action }) => [name, action])).toEqual([
      ['beta1', refined.verdict === 'ready' ? 'narrow' : 're-tune'],
      ['warmupEpochs', 'keep'],
      ['decayShare', 're-tune'],
    ]);
    expect(next).toMatchObject({ trainingSteps: 5000, domains: { decayShare: unit } });
    expect(next?.fixed).toHaveProperty('warmupEpochs');
  });
});

describe('a longer schedule', () => {
  const schedule: LearningRateSchedule = { kind: 'linear', peak: 1, final: 0, warmupSteps: 10, totalSteps: 110 };

  it('of a linear decay keeps the decay and lengthens what is before it', () => {
    const { verdict, numbers } = extendSchedule(schedule, { totalSteps: 310 });
    expect(verdict).toBe('fine');
    expect(numbers.after).toHaveLength(310);
    expect(numbers.after.slice(10, 211)).toEqual(Array.from({ length: 201 }, () => 1));
    expect(numbers.after.slice(-99)).toEqual(numbers.before.slice(-99));
    expect(numbers.isAStudyFileSchedule).toBe(false);
  });

  it('of a cosine is stretched from the same peak', () => {
    const { numbers } = extendSchedule({ ...schedule, kind: 'cosine' }, { totalSteps: 210 });
    expect(Math.max(...numbers.after)).toBe(1);
    expect(numbers.after[110]).toBeCloseTo(0.5, 9);
    expect(numbers.wastedShare).toBeLessThan(0.1);
  });

  it('warns of added steps at a rate too small to learn by, and refuses a shorter one', () => {
    const { numbers } = extendSchedule(schedule, { totalSteps: 120 });
    const after = [...numbers.before, ...Array.from({ length: 100 }, () => 0)];
    expect(judgeExtension(schedule, { after })).toMatchObject({ verdict: 'wasted-steps', numbers: { wastedShare: 1 } });
    expect(() => extendSchedule(schedule, { totalSteps: 100 })).toThrow(InputError);
  });
});

describe('conclusions', () => {
  const held = (name: string, kind: FixedHyperparameter['kind'], value: FixedHyperparameter['value']) => [
    { name, kind, value, reason: 'usual' },
  ];

  it('become stale by what they rest on', () => {
    const batch = staleConclusions(held('batchSize', 'batch', 256), held('batchSize', 'batch', 64));
    expect(batch).toMatchObject({ verdict: 'stale', next: { action: 're-tune' } });
    expect(batch.numbers.map(({ subject }) => subject)).toEqual(['optimizer', 'regularisation', 'steps']);
    expect(batch.numbers.find(({ subject }) => subject === 'steps')?.stepsNeeded).toBe('more');
    const jitter = staleConclusions([], held('jitter', 'augmentation', 0.1));
    expect(jitter.numbers).toMatchObject([{ subject: 'steps', stepsNeeded: 'more' }]);
    expect(
      staleConclusions(held('dropout', 'regulariser', 0.2), held('dropout', 'regulariser', 0)).numbers,
    ).toMatchObject([{ stepsNeeded: 'fewer' }]);
    expect(staleConclusions(held('jitter', 'augmentation', 0.1), held('jitter', 'augmentation', 0.1)).verdict).toBe(
      'current',
    );
  });
});
