/** Right nine times in ten: 200 seeded studies each whose truth is known, 4 hyperparameters drawn at random, noise of 0.02 to 0.05 on a hill of about 0.9. */
import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { spaceOf } from '../testing/sample-spaces.ts';
import { trialOf } from '../testing/trial-of.ts';
import { bestOfK } from './best-of-k.ts';
import { boundaries } from './boundaries.ts';
import { goodRegion } from './good-region.ts';
import { importance } from './importance.ts';
import { infeasibleRegion } from './infeasible-region.ts';
import { interactions } from './interactions.ts';

const STUDIES = 200;
const unit = { type: 'float', minimum: 0, maximum: 1, scale: 'linear' } as const;
const space = spaceOf({ x: unit, a: unit, b: unit, c: unit });

interface Point {
  readonly x: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

function study(seed: number, count: number, valueOf: (point: Point, noise: number) => number | null) {
  const rng = createRng('synthetic truth', seed);
  return Array.from({ length: count }, (_, number) => {
    const point = { x: rng.next(), a: rng.next(), b: rng.next(), c: rng.next() };
    return trialOf(number, { ...point }, valueOf(point, rng.normal()));
  });
}

/** Share of the studies of which it holds; `where` is a place drawn for each, in [0, 1). */
function rate(holds: (seed: number, where: number) => boolean): number {
  let right = 0;
  for (let seed = 0; seed < STUDIES; seed++) if (holds(seed, createRng('where', seed).next())) right += 1;
  return right / STUDIES;
}

/** A hill over x, and a smaller one over a and b. */
function hill(optimum: number, { x, a, b }: Point): number {
  return -((x - optimum) ** 2) - 0.1 * (a - 0.4) ** 2 - 0.1 * (b - 0.6) ** 2;
}

function edgeOf(trials: ReturnType<typeof study>) {
  return boundaries(space, trials, 'maximise')[0];
}

describe('studies whose truth is known', () => {
  it.each([20, 40, 60])('with the optimum inside are not called too narrow: %i trials', (count) => {
    const right = rate((seed, where) => {
      const verdict = edgeOf(study(seed, count, (point, n) => hill(0.3 + 0.4 * where, point) + 0.02 * n))?.verdict;
      return verdict === 'inside' || verdict === 'watch';
    });
    expect(right).toBeGreaterThanOrEqual(0.95);
  });

  it.each([40, 60])('with the optimum beyond the range are called too narrow at that edge: %i trials', (count) => {
    const right = rate((seed, where) => {
      const found = edgeOf(study(seed, count, (point, n) => hill(1.1 + 0.4 * where, point) + 0.02 * n));
      return found?.verdict === 'at-edge' && found.edge === 'upper';
    });
    expect(right).toBeGreaterThanOrEqual(0.93);
  });

  it.each([
    [20, 0.02],
    [40, 0.05],
    [60, 0.05],
  ])('with the optimum beyond what trains are at the edge of stability: %i trials, noise %f', (count, noise) => {
    const right = rate((seed, where) => {
      const limit = 0.55 + 0.25 * where;
      const trials = study(seed, count, (point, n) => (point.x > limit ? null : hill(limit + 0.2, point) + noise * n));
      return edgeOf(trials)?.verdict === 'edge-of-stability';
    });
    expect(right).toBeGreaterThanOrEqual(0.9);
  });

  it('with the optimum well inside what trains are not', () => {
    const wrong = rate((seed, where) => {
      const limit = 0.55 + 0.25 * where;
      const trials = study(seed, 40, (point, n) => (point.x > limit ? null : hill(limit - 0.3, point) + 0.02 * n));
      return edgeOf(trials)?.verdict === 'edge-of-stability';
    });
    expect(wrong).toBeLessThan(0.05);
  });

  it.each([20, 40, 60])(
    'that break beyond a threshold have it described within a tenth of the range: %i trials',
    (count) => {
      const right = rate((seed, where) => {
        const limit = 0.55 + 0.25 * where;
        const { verdict, numbers } = infeasibleRegion(
          space,
          study(seed, count, ({ x }, n) => (x > limit ? null : n)),
        );
        const rule = numbers.region?.rules[0];
        return (
          verdict === 'region' &&
          numbers.region?.rules.length === 1 &&
          rule?.name === 'x' &&
          rule.is === 'above' &&
          Math.abs(rule.value - limit) < 0.1
        );
      });
      expect(right).toBeGreaterThanOrEqual(0.9);
    },
  );

  it('that break in a corner have both sides of it named', () => {
    const right = rate((seed) => {
      const trials = study(seed, 60, ({ x, a }, n) => (x > 0.5 && a < 0.5 ? null : n));
      const rules = infeasibleRegion(space, trials).numbers.region?.rules ?? [];
      return rules.some(({ name, is }) => name === 'x' && is === 'above') && rules.some(({ name }) => name === 'a');
    });
    expect(right).toBeGreaterThanOrEqual(0.9);
  });

  it('that break by chance, a fifth of the trials, have no region made up for them', () => {
    const wrong = rate(
      (seed) =>
        infeasibleRegion(
          space,
          study(seed, 60, (_, n) => (n > 0.84 ? null : n)),
        ).verdict === 'region',
    );
    expect(wrong).toBeLessThan(0.06);
  });

  it('with a planted interaction have it hinted at first, those without rarely have any', () => {
    const found = rate((seed) => {
      const trials = study(seed, 40, ({ x, a, b }, n) => 4 * (x - 0.5) * (a - 0.5) + 0.5 * b + 0.2 * n);
      return interactions(space, trials).numbers.interactions[0]?.pair.join() === 'x,a';
    });
    const wrong = rate((seed) => {
      const trials = study(seed, 40, ({ x, a, b }, n) => x + a ** 2 - b + 0.2 * n);
      return interactions(space, trials).verdict === 'some';
    });
    expect(found).toBeGreaterThanOrEqual(0.95);
    // 5 % by Holm; three standard errors above that.
    expect(wrong).toBeLessThan(0.1);
  });

  it('have what matters most ranked first by importance', () => {
    const right = rate((seed) => {
      const trials = study(seed, 100, (point, n) => hill(0.5, point) + 0.02 * n);
      const { numbers } = importance(space, trials, { direction: 'maximise', thresholds: { permutations: 0 } });
      return numbers.importances[0]?.name === 'x';
    });
    expect(right).toBeGreaterThanOrEqual(0.95);
  });

  it('have as many good points counted as lie within the retrain noise of the best', () => {
    for (let seed = 0; seed < STUDIES; seed++) {
      const trials = study(seed, 40, (point) => hill(0.5, point));
      const best = Math.max(...trials.map(({ bestValue }) => bestValue as number));
      const truth = trials.filter(({ bestValue }) => (bestValue as number) >= best - 0.01).length;
      expect(goodRegion(space, trials, { direction: 'maximise', retrainSd: 0.01 }).trials).toHaveLength(truth);
    }
  });

  it('have the expected best of k that uniform order statistics have, k / (k + 1)', () => {
    const budgets = [1, 5, 20];
    const sums = budgets.map(() => 0);
    for (let seed = 0; seed < STUDIES; seed++) {
      const { curve } = bestOfK(
        study(seed, 40, ({ x }) => x),
        { direction: 'maximise', budgets },
      ).numbers;
      curve.forEach(({ expected }, i) => (sums[i] = (sums[i] as number) + (expected as number)));
    }
    // Unbiased: the mean over 200 studies lies within four standard errors, 0.29 / sqrt(40 * 200) at k = 1.
    budgets.forEach((k, i) => expect(Math.abs((sums[i] as number) / STUDIES - k / (k + 1))).toBeLessThan(0.013));
  });
});
