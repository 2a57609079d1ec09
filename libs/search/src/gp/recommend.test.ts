import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import type { ObservedConfiguration } from '../sampler.ts';
import { spaceOf } from '../testing/sample-spaces.ts';
import { createFeatureSpace } from './feature-space.ts';
import { observationsOf } from './observations-of-history.ts';
import { recommend } from './recommend.ts';

const space = spaceOf({ x: { type: 'float', minimum: 0, maximum: 1, scale: 'linear' } });
const entry = (x: number, objective: number, more: Partial<ObservedConfiguration> = {}): ObservedConfiguration => ({
  values: { x },
  objective,
  replicates: 1,
  ...more,
});
const none = { infeasible: [], pending: [] };

describe('the recommended configuration', () => {
  // A parabola with its minimum at 0.6, with noise, and one lucky result far from it.
  const rng = createRng('recommend');
  const observed = Array.from({ length: 40 }, (_, i) => entry(i / 39, 4 * (i / 39 - 0.6) ** 2 + 0.05 * rng.normal()));
  const lucky = [...observed, entry(0.05, -0.3)];

  it('is where results around it agree, not the luckiest', () => {
    const chosen = recommend({ space, direction: 'minimise', history: { ...none, observed: lucky } });
    expect(Math.abs((chosen?.values.x as number) - 0.6)).toBeLessThan(0.1);
  });

  it('is the same when higher is better', () => {
    const flipped = lucky.map((configuration) => ({ ...configuration, objective: -configuration.objective }));
    const [lower, higher] = [
      recommend({ space, direction: 'minimise', history: { ...none, observed: lucky } }),
      recommend({ space, direction: 'maximise', history: { ...none, observed: flipped } }),
    ];
    expect(higher?.values).toEqual(lower?.values);
  });

  it('is the only one with a finite objective, and none without', () => {
    const diverged = [entry(0.1, NaN), entry(0.2, Infinity), entry(0.3, -1e300)];
    const history = { ...none, observed: [...diverged, entry(0.4, 7)] };
    expect(recommend({ space, direction: 'minimise', history })?.values).toEqual({ x: 0.4 });
    expect(recommend({ space, direction: 'minimise', history: { ...none, observed: diverged } })).toBeNull();
  });
});

describe('observations of a history', () => {
  const features = createFeatureSpace(space);
  const observe = (
    observed: readonly ObservedConfiguration[],
    pruned = [{ values: { x: 0.9 }, objective: 8, progress: 0.5 }],
  ) => observationsOf({ ...none, observed, pruned }, features, 'minimise');

  it('are as uncertain as the pooled variance of a trial, less with more of them', () => {
    const observed = [
      entry(0.1, 1),
      entry(0.2, 2, { replicates: 2, variance: 0.3 }),
      entry(0.3, 3, { replicates: 4, variance: 0.1 }),
      entry(0.5, 6),
    ];
    const known = observe(observed).extraVariance;
    const doubled = observe(
      observed.map((configuration) => ({ ...configuration, replicates: 2 * configuration.replicates, variance: 0.15 })),
    ).extraVariance;
    // Pooled: (1 x 0.3 + 3 x 0.1) / 4 = 0.15, the same slopes: half the variance for twice the trials.
    for (let i = 0; i < 4; i++) expect(doubled[i]).toBeCloseTo((known[i] as number) / 2, 12);
    expect(known[0]).toBeGreaterThan(0);
  });

  it('know nothing of noise without replicates', () => {
    expect([...observe([entry(0.1, 1), entry(0.5, 2)], []).extraVariance]).toEqual([0, 0]);
  });

  it('put pruned results last, more certain the longer they trained', () => {
    const pruned = [0.25, 0.5, 0.9].map((progress) => ({ values: { x: 0.9 }, objective: 8, progress }));
    const { y, extraVariance } = observe([entry(0.1, 1), entry(0.5, 2), entry(0.7, 4)], pruned);
    expect(y[3]).toBeLessThan(y[2] as number);
    const [early, half, late] = extraVariance.slice(3) as unknown as [number, number, number];
    expect(early).toBeGreaterThan(half);
    expect(half).toBeGreaterThan(late);
    expect(late).toBeGreaterThan(0);
  });
});
