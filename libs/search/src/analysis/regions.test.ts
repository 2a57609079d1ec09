import { describe, expect, it } from 'vitest';
import { spaceOf } from '../testing/sample-spaces.ts';
import { trialOf } from '../testing/trial-of.ts';
import { regions, type CategoricalRegion, type NumericRegion } from './regions.ts';

const space = spaceOf({
  learningRate: { type: 'float', minimum: 1e-5, maximum: 1, scale: 'log' },
  optimizer: { type: 'categorical', choices: ['sgd', 'adam', 'rmsprop'] },
  'optimizer=sgd/momentum': { type: 'float', minimum: 0, maximum: 1, scale: 'linear' },
});

/** Rates 10^-4.9, 10^-4.8, ... in 50 steps; the best near 10^-2, what is above 10^-0.5 diverges. */
const trials = Array.from({ length: 50 }, (_, number) => {
  const exponent = -4.95 + number / 10;
  const isSgd = number % 2 === 0;
  const values = {
    learningRate: 10 ** exponent,
    optimizer: isSgd ? 'sgd' : 'adam',
    ...(isSgd ? { 'optimizer=sgd/momentum': 0.9 } : {}),
  };
  return trialOf(number, values, exponent > -0.5 ? null : 1 - Math.abs(exponent + 2));
});

describe('the table of regions', () => {
  const [learningRate, optimizer, momentum] = regions(space, trials, 'maximise') as [
    NumericRegion,
    CategoricalRegion,
    NumericRegion,
  ];

  it('says where a numeric hyperparameter was explored, and counts fifths of its own scale', () => {
    expect(learningRate.trials).toBe(50);
    expect(Math.log10(learningRate.explored?.[0] as number)).toBeCloseTo(-4.45, 9);
    expect(Math.log10(learningRate.explored?.[1] as number)).toBeCloseTo(-0.55, 9);
    expect(learningRate.buckets.map((bucket) => bucket.trials)).toEqual([10, 10, 10, 10, 10]);
    expect(learningRate.buckets.map((bucket) => bucket.infeasible)).toEqual([0, 0, 0, 0, 5]);
    learningRate.buckets.forEach(({ from, to }, index) => {
      expect(Math.log10(from as number)).toBeCloseTo(index - 5, 9);
      expect(Math.log10(to as number)).toBeCloseTo(index - 4, 9);
    });
  });

  it('says between which values the top trials lie, and which they are', () => {
    // 45 completed: the top 5 are those nearest to 10^-2.
    expect([...learningRate.topTrials].sort((a, b) => a - b)).toHaveLength(5);
    expect(Math.log10(learningRate.high?.[0] as number)).toBeGreaterThan(-2.3);
    expect(Math.log10(learningRate.high?.[1] as number)).toBeLessThan(-1.7);
    expect(learningRate.buckets.reduce((sum, { top }) => sum + top, 0)).toBe(5);
  });

  it('counts the choices of a categorical one, those never tried included', () => {
    expect(optimizer.buckets.map(({ label, trials: count }) => [label, count])).toEqual([
      ['sgd', 25],
      ['adam', 25],
      ['rmsprop', 0],
    ]);
    expect(optimizer.explored).toEqual(['sgd', 'adam']);
    expect(optimizer.buckets.reduce((sum, { top }) => sum + top, 0)).toBe(5);
    expect([...optimizer.high].sort()).toEqual(['adam', 'sgd']);
  });

  it('looks at a conditional hyperparameter where it exists', () => {
    expect(momentum.trials).toBe(25);
    expect(momentum.high).toEqual([0.9, 0.9]);
    expect(momentum.topTrials.every((number) => number % 2 === 0)).toBe(true);
  });

  it('is empty, and no error, before a trial has finished or when all are infeasible', () => {
    const none = regions(space, [trialOf(0, { learningRate: 0.1, optimizer: 'adam' }, null, 'QUEUED')], 'maximise');
    expect(none[0]).toMatchObject({ trials: 0, explored: null, high: null, topTrials: [] });
    const bad = regions(space, [trialOf(0, { learningRate: 0.1, optimizer: 'adam' }, null)], 'maximise');
    expect(bad[0]).toMatchObject({ trials: 1, explored: [0.1, 0.1], high: null });
    expect(bad[1]).toMatchObject({ explored: ['adam'], high: [] });
  });
});
