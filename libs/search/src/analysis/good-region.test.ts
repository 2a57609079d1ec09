import { describe, expect, it } from 'vitest';
import { spaceOf } from '../testing/sample-spaces.ts';
import { trialOf } from '../testing/trial-of.ts';
import { goodRegion } from './good-region.ts';

const space = spaceOf({
  learningRate: { type: 'float', minimum: 1e-4, maximum: 1, scale: 'log' },
  optimizer: { type: 'categorical', choices: ['sgd', 'adam'] },
});

/** 40 trials, a tenth of a decade apart: the value falls by 0.01 with each step away from 10^-2. */
const trials = Array.from({ length: 40 }, (_, number) =>
  trialOf(number, { learningRate: 10 ** (-4 + number / 10), optimizer: 'adam' }, 0.9 - 0.01 * Math.abs(number - 20)),
);

describe('the good region', () => {
  it('is what a retrain could not tell from the best', () => {
    const check = goodRegion(space, trials, { direction: 'maximise', retrainSd: 0.0301 });
    expect(check).toMatchObject({ verdict: 'dense', status: 'pass', next: null });
    expect([...check.trials].sort((a, b) => a - b)).toEqual([17, 18, 19, 20, 21, 22, 23]);
    expect(check.trials[0]).toBe(20);
    const [rate, choice] = check.numbers.extents;
    expect(Math.log10(rate?.values?.[0] as number)).toBeCloseTo(-2.3, 9);
    expect(rate?.unitWidth).toBeCloseTo(0.6 / 4, 9);
    expect(choice).toEqual({ name: 'optimizer', values: null, unitWidth: null, distinctValues: 1 });
  });

  it('is thin with few points, and says how many trials would fill it', () => {
    const check = goodRegion(space, trials, { direction: 'maximise', retrainSd: 0.0101 });
    // 3 of 40: five need 67 trials at that share.
    expect(check).toMatchObject({ verdict: 'thin', next: { action: 'add-trials', trialCount: 27 } });
    expect(check.reason).toContain('holds 3 of 40 points: thin');
  });

  it('is the top tenth where the retrain noise is not known', () => {
    const check = goodRegion(space, trials, { direction: 'maximise' });
    expect(check.numbers).toMatchObject({ definition: 'top-share', good: 4 });
    expect(goodRegion(space, trials, { direction: 'maximise', thresholds: { fewestGood: 4 } }).verdict).toBe('dense');
  });

  it('counts from the lowest where that is the best', () => {
    const falling = trials.map((trial) => ({ ...trial, bestValue: -(trial.bestValue as number) }));
    expect(goodRegion(space, falling, { direction: 'minimise', retrainSd: 0.0101 }).trials).toEqual([20, 19, 21]);
  });

  it('is not judged by few trials', () => {
    expect(goodRegion(space, trials.slice(0, 7), { direction: 'maximise' })).toMatchObject({
      verdict: 'too-few',
      status: 'not-known',
      next: { trialCount: 1 },
    });
    expect(goodRegion(space, [], { direction: 'maximise', retrainSd: 0.1 }).numbers.share).toBeNull();
  });
});
