import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { median, quantile } from '../order-statistics.ts';
import { criticalDifference, holm, pLarger, ranks, winProbability } from './statistics.ts';

interface Fixture {
  readonly tests: readonly {
    readonly a: readonly number[];
    readonly b: readonly number[];
    readonly pLarger: number;
    readonly winProbability: number;
    readonly ranks: readonly number[];
  }[];
  readonly holm: { readonly p: readonly number[]; readonly adjusted: readonly number[] };
  readonly nemenyiQ: readonly number[];
}

const fixture = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'statistics.json'), 'utf8')) as Fixture;

describe('the statistics of the sampler benchmark', () => {
  it.each(fixture.tests.map((test, i) => [i, test] as const))('rank-test sample %i as scipy does', (_, test) => {
    expect(pLarger(test.a, test.b) / test.pLarger).toBeCloseTo(1, 5);
    expect(winProbability(test.a, test.b)).toBeCloseTo(test.winProbability, 12);
    expect(ranks([...test.a, ...test.b])).toEqual(test.ranks);
  });

  it('are certain of nothing when all is equal', () => {
    expect(pLarger([1, 1, 1], [1, 1])).toBe(1);
    expect(winProbability([1, 1, 1], [1, 1])).toBe(0.5);
  });

  it('correct for several tests as Holm does', () => {
    holm(fixture.holm.p).forEach((p, i) => expect(p).toBeCloseTo(fixture.holm.adjusted[i] as number, 12));
  });

  it('know the critical difference of two to eleven samplers', () => {
    fixture.nemenyiQ.forEach((q, i) => {
      const k = i + 2;
      expect(criticalDifference(k, 10)).toBeCloseTo(q * Math.sqrt((k * (k + 1)) / 60), 2);
    });
    expect(criticalDifference(1, 10)).toBe(Infinity);
  });

  it('count a study that saw nothing feasible as the worst', () => {
    expect(median([Infinity, 1, 2])).toBe(2);
    expect(quantile([1, Infinity, Infinity], 0.75)).toBe(Infinity);
    expect(winProbability([Infinity, Infinity], [1, 2])).toBe(0);
  });
});
