import type { Space } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { spaceOf } from '../testing/sample-spaces.ts';
import { quasiRandomValues } from '../testing/quasi-random-values.ts';
import { trialOf } from '../testing/trial-of.ts';
import { isolation, isolations } from './isolation.ts';

const space: Space = {
  version: 1,
  hyperparameters: [
    {
      name: 'weightDecay',
      kind: 'regulariser',
      role: 'scientific',
      domain: { type: 'float', minimum: 1e-5, maximum: 1, scale: 'log' },
    },
    {
      name: 'optimizer',
      kind: 'optimizer',
      role: 'scientific',
      domain: { type: 'categorical', choices: ['sgd', 'adam'] },
    },
    {
      name: 'optimizer=sgd/momentum',
      kind: 'optimizer',
      role: 'scientific',
      domain: { type: 'float', minimum: 0, maximum: 0.9, scale: 'linear', step: 0.3 },
    },
    {
      name: 'learningRate',
      kind: 'optimizer',
      role: 'nuisance',
      domain: { type: 'float', minimum: 1e-4, maximum: 1e-1, scale: 'log' },
    },
  ],
  fixed: [
    { name: 'dropout', kind: 'regulariser', value: 0.1, reason: 'cheap' },
    { name: 'momentum', kind: 'optimizer', value: 0.9, reason: 'usual' },
  ],
};

/** The best weight decay is 10^-2.5, given a learning rate near 10^-2; decays above 10^-1 diverge. */
const trials = Array.from({ length: 200 }, (_, index) => {
  const values = quasiRandomValues(space, { seed: 5, index });
  const decay = Math.log10(values['weightDecay'] as number);
  const rate = Math.log10(values['learningRate'] as number);
  return trialOf(index, values, decay > -1 ? null : 1 - 0.1 * Math.abs(decay + 2.5) - 0.2 * Math.abs(rate + 2));
});

describe('an isolation plot', () => {
  it('has the best over the nuisance hyperparameters, by bucket of a range in its own scale', () => {
    const plot = isolation(space, trials, { name: 'weightDecay', direction: 'maximise' });
    expect(plot.points.map(({ from }) => Math.log10(from as number))).toEqual(
      [-5, -4, -3, -2, -1].map((decade) => expect.closeTo(decade, 9) as number),
    );
    plot.points.forEach((point) => expect(Math.abs(point.trials.length - 40)).toBeLessThanOrEqual(1));
    expect(new Set(plot.points.flatMap((point) => point.trials)).size).toBe(200);
    plot.points.forEach(({ best, trials: behind }) => {
      const values = behind.map((number) => trials[number]?.bestValue ?? -Infinity);
      if (best === null) expect(Math.max(...values)).toBe(-Infinity);
      else expect(best.value).toBe(trials[best.trial]?.bestValue);
      if (best !== null) expect(best.value).toBe(Math.max(...values));
    });
    expect(plot.points[4]).toMatchObject({ best: null, bar: null, infeasible: 40 });
    const heights = plot.points.map(({ best }) => best?.value ?? 0);
    // The buckets -3 to -2 and around it hold the optimum.
    expect(Math.max(...heights)).toBe(heights[2]);
  });

  it('has a bar that holds the best: the bootstrap, or the retrain noise where that is larger', () => {
    const [point] = isolation(space, trials, { name: 'weightDecay', direction: 'maximise' }).points;
    expect(point?.barIs).toBe('bootstrap');
    expect(point?.bar?.[1]).toBe(point?.best?.value);
    expect(point?.bar?.[0]).toBeLessThan(point?.best?.value as number);
    const noisy = isolation(space, trials, { name: 'weightDecay', direction: 'maximise', retrainSd: 0.5 }).points[0];
    expect(noisy).toMatchObject({ barIs: 'retrain-noise' });
    expect(noisy?.bar?.[1]).toBeCloseTo((noisy?.best?.value as number) + 0.5, 12);
  });

  it('cuts into equally many trials when asked to', () => {
    const narrow = trials.filter((_, i) => i % 3 !== 0 || i < 30);
    const plot = isolation(space, narrow, {
      name: 'weightDecay',
      direction: 'maximise',
      bucketing: 'equal-count',
      buckets: 4,
    });
    const counts = plot.points.map((point) => point.trials.length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(narrow.length);
  });

  it('looks at a conditional hyperparameter within its branch alone, a value a point', () => {
    const plot = isolation(space, trials, { name: 'optimizer=sgd/momentum', direction: 'maximise' });
    expect(plot).toMatchObject({ branch: [{ parent: 'optimizer', equals: 'sgd' }], isBucketed: false });
    expect(plot.points.map(({ label }) => label)).toEqual([0, 0.3, 0.6, 0.9]);
    const behind = plot.points.flatMap((point) => point.trials);
    expect(behind).toHaveLength(trials.filter(({ values }) => values['optimizer'] === 'sgd').length);
    expect(behind.every((number) => trials[number]?.values['optimizer'] === 'sgd')).toBe(true);
  });

  it('comes for each scientific hyperparameter, with what it holds for', () => {
    const plots = isolations(space, trials, { direction: 'maximise' });
    expect(plots.map(({ name }) => name)).toEqual(['weightDecay', 'optimizer', 'optimizer=sgd/momentum']);
    expect(plots[0]?.caveats).toContain('holds for dropout = 0.1 (cheap)');
    expect(plots[1]?.interactions.map(({ fixed }) => fixed)).toEqual(['momentum']);
    expect(plots[0]?.interactions.map(({ fixed }) => fixed)).toEqual(['dropout']);
    expect(isolations(space, trials, { direction: 'minimise', names: ['learningRate'] })).toHaveLength(1);
  });

  it('is empty before a trial has finished', () => {
    const points = isolation(spaceOf({ x: { type: 'categorical', choices: [1, 2] } }), [], {
      name: 'x',
      direction: 'maximise',
    }).points;
    expect(points).toEqual([
      { label: 1, best: null, bar: null, barIs: null, trials: [], infeasible: 0 },
      { label: 2, best: null, bar: null, barIs: null, trials: [], infeasible: 0 },
    ]);
  });
});
