import { readFileSync } from 'node:fs';
import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { trialOf } from '../testing/trial-of.ts';
import { bestOfK } from './best-of-k.ts';

interface Enumerated {
  readonly values: readonly number[];
  readonly infeasible: number;
  readonly budget: number;
  readonly mean: number;
  readonly standardDeviation: number;
  readonly quantiles: readonly [number, number, number, number, number];
  readonly expected: number;
  readonly noneShare: number;
}
const { bestOfK: enumerated } = JSON.parse(
  readFileSync(new URL('../../fixtures/analysis.json', import.meta.url), 'utf8'),
) as { bestOfK: readonly Enumerated[] };

function trialsOf(values: readonly number[], infeasible = 0) {
  return [...values, ...new Array<null>(infeasible).fill(null)].map((value, number) => trialOf(number, {}, value));
}

/** `count` draws of a distribution given by its quantile function. */
function drawn(count: number, seed: number, quantileOf: (unit: number) => number) {
  const rng = createRng('best of k', seed);
  return trialsOf(Array.from({ length: count }, () => quantileOf(rng.next())));
}

describe('the best of k', () => {
  it('has the moments and quantiles of every draw enumerated, in both directions', () => {
    for (const { values, infeasible, budget, ...known } of enumerated) {
      for (const sign of [1, -1] as const) {
        const direction = sign === 1 ? 'maximise' : 'minimise';
        const trials = trialsOf(
          values.map((value) => sign * value),
          infeasible,
        );
        const point = bestOfK(trials, { direction, budgets: [budget] }).numbers.curve[0];
        expect(sign * (point?.mean as number)).toBeCloseTo(known.mean, 12);
        expect(point?.standardDeviation).toBeCloseTo(known.standardDeviation, 12);
        expect(sign * (point?.expected as number)).toBeCloseTo(known.expected, 12);
        expect(point?.noneShare).toBeCloseTo(known.noneShare, 12);
        const [low, lower, middle, upper, high] = known.quantiles;
        expect(sign * (point?.median as number)).toBe(middle);
        expect(point?.middleHalf).toEqual(sign === 1 ? [lower, upper] : [-upper, -lower]);
        expect(point?.middle90).toEqual(sign === 1 ? [low, high] : [-high, -low]);
      }
    }
  });

  it('expects of all trials the best, and nothing of budgets beyond them', () => {
    const { curve } = bestOfK(trialsOf([0.3, 0.9, 0.5]), { direction: 'maximise', budgets: [3, 4] }).numbers;
    expect(curve.map(({ expected }) => expected)).toEqual([0.9, null]);
  });

  it('extrapolates what is known: the best of n uniform draws is n / (n + 1)', () => {
    const gains = Array.from(
      { length: 400 },
      (_, seed) =>
        bestOfK(
          drawn(64, seed, (unit) => unit),
          { direction: 'maximise' },
        ).numbers.expectedGain as number,
    );
    const known = 128 / 129 - 64 / 65;
    const found = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
    // It says 25 % too much here (600 studies); of a law without such an end it would be several times as much.
    expect(Math.abs(found / known - 1)).toBeLessThan(0.35);
  });

  it('knows that half of the studies find a better one in as many trials again', () => {
    const { chanceOfBetter, moreTrials } = bestOfK(drawn(20, 1, Math.sqrt), { direction: 'maximise' }).numbers;
    expect([chanceOfBetter, moreTrials]).toEqual([0.5, 20]);
  });

  it('asks for more trials where luck exceeds the retrain noise and for none where it does not', () => {
    const trials = drawn(16, 3, (unit) => 0.7 + 0.2 * unit);
    const wide = bestOfK(trials, { direction: 'maximise', retrainSd: 0.0005 });
    expect(wide).toMatchObject({
      verdict: 'more-trials',
      status: 'caution',
      next: { action: 'add-trials', trialCount: 16 },
    });
    expect(wide.reason).toContain('at 16 trials luck is ±');
    expect(wide.trials).toHaveLength(16);
    const noisy = bestOfK(trials, { direction: 'maximise', retrainSd: 0.2 });
    expect(noisy).toMatchObject({ verdict: 'enough', status: 'pass', next: null });
    const strict = { direction: 'maximise', retrainSd: 0.2, thresholds: { luckInRetrainSds: 0, gainInRetrainSds: 0 } };
    expect(bestOfK(trials, strict as Parameters<typeof bestOfK>[1]).verdict).toBe('more-trials');
  });

  it('does not compare luck with a noise that was not measured', () => {
    const check = bestOfK(drawn(16, 3, Math.sqrt), { direction: 'maximise' });
    expect(check).toMatchObject({ verdict: 'retrain-noise-not-known', next: { action: 'replicate', trialCount: 5 } });
    expect(check.next?.trial).toBe(check.trials[0]);
  });

  it('says that an adaptive study is weak evidence', () => {
    const trials = drawn(16, 3, Math.sqrt);
    expect(bestOfK(trials, { direction: 'maximise', isAdaptive: true }).reason).toContain('weak evidence');
    expect(bestOfK(trials, { direction: 'maximise' }).reason).not.toContain('weak');
  });

  it('says nothing by few trials, none or infeasible ones alone', () => {
    expect(bestOfK([], { direction: 'maximise' })).toMatchObject({ verdict: 'too-few', numbers: { curve: [] } });
    expect(bestOfK(trialsOf([], 9), { direction: 'minimise' }).verdict).toBe('too-few');
    expect(bestOfK(trialsOf([1, 2, 3]), { direction: 'minimise' })).toMatchObject({
      verdict: 'too-few',
      next: { trialCount: 5 },
    });
  });
});
