import { createRng, domainValues, type Domain, type Hyperparameter, type Values } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/tpe.json' with { type: 'json' };
import { spaceOf } from '../testing/sample-spaces.ts';
import { createParzenEstimator } from './parzen-estimator.ts';

const { hyperparameters } = spaceOf(fixture.domains as unknown as Record<string, Domain>);

const weigh = (
  observed: readonly Values[],
  weights: readonly number[],
): { readonly values: Values; readonly weight: number }[] =>
  observed.map((values, i) => ({ values, weight: weights[i] as number }));

describe('a Parzen estimator', () => {
  it.each(fixture.cases)("of $observed.length results has the density of scipy's truncated normals", (expected) => {
    const { observed, weights, priorWeight, spreadScale, points, logDensity } = expected;
    const estimator = createParzenEstimator(hyperparameters, weigh(observed, weights), { priorWeight, spreadScale });
    points.forEach((point, i) => expect(estimator.logDensity(point)).toBeCloseTo(logDensity[i] as number, 8));
  });

  it.each([
    ['an integer', { type: 'int', minimum: 1, maximum: 9, scale: 'linear' }],
    ['a log-scaled integer', { type: 'int', minimum: 1, maximum: 9, scale: 'log' }],
    ['a stepped float', { type: 'float', minimum: 0, maximum: 2, step: 0.25, scale: 'linear' }],
    ['a categorical', { type: 'categorical', choices: [1, 2, 3, 4, 5, 6, 7, 8, 9] }],
  ] as const)('of %s puts its whole mass on the values, as often as it draws them', (_, domain) => {
    const hyperparameter: Hyperparameter = { name: 'k', kind: 'optimizer', role: 'nuisance', domain };
    const values = domainValues(domain);
    const observed: Values[] = [{ k: values[1] as number }, { k: values[6] as number }];
    const options = { priorWeight: 0.5, spreadScale: 1 };
    const estimator = createParzenEstimator([hyperparameter], weigh(observed, [1, 2]), options);
    const masses = values.map((k) => Math.exp(estimator.logDensity({ k })));
    expect(masses.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 6);

    const rng = createRng('draws');
    const draws = 40_000;
    const counts = new Map<unknown, number>();
    for (let i = 0; i < draws; i++) {
      const { k } = estimator.sample(rng);
      counts.set(k, (counts.get(k) ?? 0) + 1);
    }
    // The standard error of a share is at most 0.0025: 0.015 is six of them.
    values.forEach((k, i) =>
      expect(Math.abs((counts.get(k) ?? 0) / draws - (masses[i] as number))).toBeLessThan(0.015),
    );
  });
});
