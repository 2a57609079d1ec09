import { describe, expect, it } from 'vitest';
import { normalQuantile } from './normal-quantile.ts';
import { createPersonDraws } from './person-draws.ts';

const people = Array.from({ length: 30 }, (_, index) => index);

describe('createPersonDraws', () => {
  it('puts every ten people once into each tenth, at every draw', () => {
    const draws = people.map((index) => createPersonDraws(3, index, 'topic'));
    for (let n = 0; n < 5; n++) {
      const tenths = draws.map((draw) => Math.floor(10 * draw.next()));
      for (const from of [0, 10, 20]) {
        expect(tenths.slice(from, from + 10).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      }
    }
  });

  it('gives each block, draw, topic and seed another order', () => {
    const orderOf = (seed: number, topic: string, from: number) =>
      people.slice(from, from + 10).map((index) => Math.floor(10 * createPersonDraws(seed, index, topic).next()));
    const orders = [orderOf(3, 'a', 0), orderOf(3, 'a', 10), orderOf(3, 'b', 0), orderOf(4, 'a', 0)];
    const second = people.slice(0, 10).map((index) => {
      const draws = createPersonDraws(3, index, 'a');
      draws.next();
      return Math.floor(10 * draws.next());
    });
    expect(new Set([...orders, second].map((order) => order.join())).size).toBe(5);
  });

  it('gives normal draws of mean 0 and deviation 1 in every thirty people', () => {
    for (let seed = 0; seed < 50; seed++) {
      const values = people.map((index) => createPersonDraws(seed, index, 'topic').normal());
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
      // Independent draws would miss these bounds in nine seeds of ten.
      expect(Math.abs(mean)).toBeLessThan(0.05);
      expect(Math.abs(deviation - 1)).toBeLessThan(0.06);
    }
  });
});

describe('normalQuantile', () => {
  // scipy.stats.norm.ppf
  it.each([
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.01, -2.326347874040841],
    [0.0001, -3.719016485455709],
    [0.3, -0.5244005127080409],
  ])('of %f is %f', (p, z) => {
    expect(normalQuantile(p)).toBeCloseTo(z, 7);
  });
});
