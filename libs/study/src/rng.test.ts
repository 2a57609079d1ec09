import { describe, expect, it } from 'vitest';
import { createRng, deriveSeed, permutation } from './rng.ts';

const FROZEN = {
  seed: 3040650821,
  uniform: [0.33610773688816864, 0.3766702692688553, 0.5902701100502004],
  mixed: [-0.5267125782730893, 902, 1.007809876022991],
  permutation: [3, 5, 0, 7, 4, 2, 6, 1],
};

/** Draws of one stream. */
function draws(count: number, ...key: readonly (string | number)[]): Float64Array {
  const rng = createRng(...key);
  return Float64Array.from({ length: count }, () => rng.next());
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function correlation(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    const [x, y] = [value - meanA, (b[i] as number) - meanB];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  });
  return ab / Math.sqrt(aa * bb);
}

describe('keyed random numbers', () => {
  it('are the same in every release: frozen values', () => {
    expect(deriveSeed('split', 7)).toBe(FROZEN.seed);
    expect([...draws(3, 'frozen', 1)]).toEqual(FROZEN.uniform);
    const rng = createRng('frozen', 2);
    expect([rng.normal(), rng.integer(1000), rng.normal()]).toEqual(FROZEN.mixed);
    expect([...permutation(8, createRng('frozen', 3))]).toEqual(FROZEN.permutation);
  });

  it('differ for 1 and "1", for parts cut elsewhere, and for every small seed', () => {
    expect(deriveSeed(1)).not.toBe(deriveSeed('1'));
    expect(deriveSeed('ab', 'c')).not.toBe(deriveSeed('a', 'bc'));
    expect(new Set(Array.from({ length: 10_000 }, (_, seed) => deriveSeed('study', seed))).size).toBeGreaterThan(9_998);
  });

  // 100 cells, 100,000 draws: chi-squared with 99 degrees of freedom exceeds 161 once in 10^4 keys; the key is fixed.
  it('fill the unit interval evenly', () => {
    const counts = new Float64Array(100);
    for (const value of draws(100_000, 'uniform')) {
      expect(value >= 0 && value < 1).toBe(true);
      const cell = Math.floor(value * 100);
      counts[cell] = (counts[cell] as number) + 1;
    }
    const chiSquared = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquared).toBeLessThan(161);
    expect(chiSquared).toBeGreaterThan(55);
  });

  it('have the moments of a standard normal, within four standard errors', () => {
    const rng = createRng('normal');
    const n = 100_000;
    const values = Float64Array.from({ length: n }, () => rng.normal());
    expect(Math.abs(mean(values))).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(mean(values.map((x) => x * x)) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(mean(values.map((x) => x ** 3)))).toBeLessThan(4 * Math.sqrt(15 / n));
    expect(Math.abs(mean(values.map((x) => x ** 4)) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
  });

  it('of neighbouring keys are independent: no correlation beyond four standard errors, at any lag up to 3', () => {
    const n = 20_000;
    const limit = 4 / Math.sqrt(n - 3);
    const streams = [0, 1, 2, 3].map((key) => draws(n, 'neighbour', key));
    for (const [i, a] of streams.entries()) {
      for (const [j, b] of streams.entries()) {
        for (let lag = i === j ? 1 : 0; lag <= 3; lag++) {
          expect(Math.abs(correlation(a.subarray(0, n - 3), b.subarray(lag, lag + n - 3)))).toBeLessThan(limit);
        }
      }
    }
  });

  it('have first draws that are spread over neighbouring keys too', () => {
    const first = Float64Array.from({ length: 10_000 }, (_, key) => createRng('first', key).next());
    expect(Math.abs(mean(first) - 0.5)).toBeLessThan(4 / Math.sqrt(12 * 10_000));
    expect(Math.abs(correlation(first.subarray(1), first.subarray(0, -1)))).toBeLessThan(4 / Math.sqrt(9_999));
  });

  it('give integers below the bound, each equally often', () => {
    const rng = createRng('integer');
    const counts = new Float64Array(6);
    for (let i = 0; i < 60_000; i++) {
      const value = rng.integer(6);
      counts[value] = (counts[value] as number) + 1;
    }
    // Four standard errors: 4 sqrt(60000 x 1/6 x 5/6).
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(366);
  });

  it('permute so that every element comes to every place equally often', () => {
    const rng = createRng('permutation');
    const counts = new Float64Array(16);
    for (let i = 0; i < 24_000; i++) {
      const order = permutation(4, rng);
      expect([...order].sort()).toEqual([0, 1, 2, 3]);
      order.forEach((element, place) => {
        const cell = element * 4 + place;
        counts[cell] = (counts[cell] as number) + 1;
      });
    }
    for (const count of counts) expect(Math.abs(count - 6_000)).toBeLessThan(4 * Math.sqrt(24_000 * 0.1875));
    expect([...permutation(0, rng), ...permutation(1, rng)]).toEqual([0]);
  });
});
