import { describe, expect, it } from 'vitest';
import { createGpSampler } from './gp/gp-sampler.ts';
import { haltonSampler } from './halton/halton-sampler.ts';
import type { Sampler } from './sampler.ts';
import { describeSampler } from './testing/describe-sampler.ts';
import { spaceOf } from './testing/sample-spaces.ts';
import { createTpeSampler } from './tpe/tpe-sampler.ts';

const options = { startup: haltonSampler, startupTrials: 10 };
const gp = createGpSampler(options);
const tpe = createTpeSampler(options);

describeSampler({ kind: 'halton' }, { isIndexPure: true, randomSpaces: 60 });
describeSampler({ kind: 'sobol' }, { isIndexPure: true, randomSpaces: 60 });
describeSampler({ kind: 'random' }, { isIndexPure: true, randomSpaces: 60 });
describeSampler({ kind: 'grid', levels: 5 }, { isIndexPure: true, randomSpaces: 60 });
describeSampler({ kind: 'tpe', startupTrials: 4 }, { isIndexPure: false, randomSpaces: 30 });
describeSampler({ kind: 'gp', startupTrials: 4 }, { isIndexPure: false, randomSpaces: 8 });
describeSampler({ kind: 'auto' }, { isIndexPure: false, randomSpaces: 8 });

const plane = spaceOf({
  x: { type: 'float', minimum: -5, maximum: 10, scale: 'linear' },
  y: { type: 'float', minimum: 0, maximum: 15, scale: 'linear' },
});

/** Branin's function; its least value is 0.397887. */
function branin({ x, y }: Readonly<Record<string, unknown>>): number {
  const [a, b] = [x as number, y as number];
  const bend = b - (5.1 / (4 * Math.PI ** 2)) * a ** 2 + (5 / Math.PI) * a - 6;
  return bend ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(a) + 10;
}

function regretAfter(sampler: Sampler, seed: number, trials: number, atOnce: number): number {
  const observed: { values: Readonly<Record<string, number>>; objective: number; replicates: number }[] = [];
  for (let index = 0; index < trials;) {
    const pending: Readonly<Record<string, number>>[] = [];
    while (pending.length < atOnce && index < trials) {
      const history = { observed, infeasible: [], pending };
      const suggestion = sampler({ space: plane, seed, index: index++, direction: 'minimise', history });
      pending.push(suggestion?.values as Readonly<Record<string, number>>);
    }
    observed.push(...pending.map((values) => ({ values, objective: branin(values), replicates: 1 })));
  }
  return Math.min(...observed.map(({ objective }) => objective)) - 0.397887;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
const seeds = [1, 2, 3, 4, 5];

describe('on Branin in 50 trials', () => {
  // Optuna 5's medians: GP 3.6e-5, TPE 0.11 (0.023 in the published setting), quasi-random 0.67.
  it('the Gaussian process comes within a thousandth', () => {
    expect(median(seeds.map((seed) => regretAfter(gp, seed, 50, 1)))).toBeLessThan(1e-3);
  });

  it('the Gaussian process comes within a hundredth with eight trials at once', () => {
    expect(median(seeds.map((seed) => regretAfter(gp, seed, 50, 8)))).toBeLessThan(1e-2);
  });

  it('TPE comes within a tenth', () => {
    expect(median(seeds.map((seed) => regretAfter(tpe, seed, 50, 1)))).toBeLessThan(0.1);
  });
});
