import { createRng, type Hyperparameter, type Values } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/gaussian-process.json' with { type: 'json' };
import { createParzenEstimator } from './parzen-estimator.ts';

const unit: Hyperparameter = {
  name: 'u',
  kind: 'optimizer',
  role: 'nuisance',
  domain: { type: 'float', minimum: 0, maximum: 1, scale: 'linear' },
};
const choice: Hyperparameter = { ...unit, name: 'c', domain: { type: 'categorical', choices: ['a', 'b', 'c'] } };
const { parzen } = fixture;

const weigh = (observed: readonly Values[], weights: readonly number[]) =>
  observed.map((values, i) => ({ values, weight: weights[i] as number }));

describe('a Parzen estimator', () => {
  it("has the density of scipy's truncated normals and a table", () => {
    const estimator = createParzenEstimator(
      [unit, choice],
      weigh(parzen.observed, parzen.weights),
      parzen.weights.at(-1) as number,
    );
    parzen.points.forEach((point, i) => {
      expect(estimator.logDensity(point)).toBeCloseTo(parzen.logDensity[i] as number, 10);
    });
  });

  it.each([
    ['an integer', { type: 'int', minimum: 1, maximum: 9, scale: 'linear' }],
    ['a log-scaled integer', { type: 'int', minimum: 1, maximum: 9, scale: 'log' }],
    ['a stepped float', { type: 'float', minimum: 0, maximum: 2, step: 0.25, scale: 'linear' }],
    ['a categorical', { type: 'categorical', choices: [1, 2, 3, 4, 5, 6, 7, 8, 9] }],
  ] as const)('of %s puts its whole mass on the values, as often as it draws them', (_, domain) => {
    const hyperparameter: Hyperparameter = { ...unit, name: 'k', domain };
    const values: readonly number[] =
      domain.type === 'categorical'
        ? domain.choices
        : Array.from({ length: 9 }, (__, i) => domain.minimum + i * ('step' in domain ? domain.step : 1));
    const observed: Values[] = [{ k: values[1] as number }, { k: values[6] as number }];
    const estimator = createParzenEstimator([hyperparameter], weigh(observed, [1, 2]), 0.5);
    const masses = values.map((k) => Math.exp(estimator.logDensity({ k })));
    expect(masses.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 6);

    const rng = createRng('draws');
    const draws = 40_000;
    const counts = new Map<number, number>();
    for (let i = 0; i < draws; i++) {
      const k = estimator.sample(rng)['k'] as number;
      counts.set(k, (counts.get(k) ?? 0) + 1);
    }
    // The standard error of a share is at most 0.0025: 0.015 is six of them.
    values.forEach((k, i) =>
      expect(Math.abs((counts.get(k) ?? 0) / draws - (masses[i] as number))).toBeLessThan(0.015),
    );
  });
});
