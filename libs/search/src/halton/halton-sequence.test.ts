import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { centredDiscrepancy } from '../testing/centred-discrepancy.ts';
import { firstPrimes } from './first-primes.ts';
import { haltonPoint, haltonSequence, radicalInverse } from './halton-sequence.ts';

interface Fixture {
  readonly unscrambled: readonly (readonly number[])[];
  readonly far: { readonly index: number; readonly point: readonly number[] };
  readonly discrepancies: readonly { readonly points: readonly (readonly number[])[]; readonly value: number }[];
  readonly medians: readonly { d: number; n: number; centredDiscrepancy: number; largestGap: number }[];
}
const fixture = JSON.parse(readFileSync(new URL('../../fixtures/halton.json', import.meta.url), 'utf8')) as Fixture;

const SEEDS = 600;
const FROZEN_FIRST = [0.197131317206383, 0.4661917116931123, 0.1368190083491053, 0.3868629667675374];
const FROZEN_FAR = [0.4306795998605536, 0.26995999243652746, 0.49742397037565256, 0.7652433317047014];

function points(seed: number, { n, d }: { readonly n: number; readonly d: number }): readonly (readonly number[])[] {
  const at = haltonSequence({ engineVersion: 1, seed, dimensions: d });
  return Array.from({ length: n }, (_, index) => at(index));
}

/** Mean over the axes of the largest gap between neighbours, the ends of the axis included. */
function largestGap(cloud: readonly (readonly number[])[], d: number): number {
  let sum = 0;
  for (let axis = 0; axis < d; axis++) {
    const sorted = [0, ...cloud.map((point) => point[axis] as number), 1].sort((a, b) => a - b);
    sum += Math.max(...sorted.slice(1).map((x, i) => x - (sorted[i] as number)));
  }
  return sum / d;
}

describe('the Halton sequence', () => {
  it('without scrambling is that of scipy', () => {
    const primes = firstPrimes(8);
    expect(primes).toEqual([2, 3, 5, 7, 11, 13, 17, 19]);
    const check = (index: number, expected: readonly number[]): void =>
      primes.forEach((base, k) => expect(radicalInverse(index, base)).toBeCloseTo(expected[k] as number, 14));
    fixture.unscrambled.forEach((point, index) => check(index, point));
    check(fixture.far.index, fixture.far.point);
  });

  it('is the same in every release: a frozen vector of engine version 1', () => {
    expect(haltonPoint({ engineVersion: 1, seed: 0, index: 0, dimensions: 4 })).toEqual(FROZEN_FIRST);
    expect(haltonPoint({ engineVersion: 1, seed: 4294967295, index: 99_999, dimensions: 4 })).toEqual(FROZEN_FAR);
  });

  it('has points that depend on the index alone, not on the order or on who asks', () => {
    const expected = points(5, { n: 64, d: 6 });
    for (let index = 63; index >= 0; index--) {
      expect(haltonPoint({ engineVersion: 1, seed: 5, index, dimensions: 6 })).toEqual(expected[index]);
    }
  });

  it('gives a dimension the same coordinates however many others there are', () => {
    points(5, { n: 20, d: 3 }).forEach((point, index) =>
      expect(haltonPoint({ engineVersion: 1, seed: 5, index, dimensions: 9 }).slice(0, 3)).toEqual(point),
    );
  });

  it('stays in [0, 1) and differs from seed to seed and from axis to axis', () => {
    const cloud = points(1, { n: 2000, d: 12 });
    for (const point of cloud) for (const x of point) expect(x >= 0 && x < 1).toBe(true);
    expect(new Set(points(2, { n: 1, d: 12 })[0]).size).toBe(12);
    expect(points(2, { n: 1, d: 12 })).not.toEqual(points(3, { n: 1, d: 12 }));
  });

  it('puts exactly one of the first b^k points into each of the b^k equal parts of an axis', () => {
    const at = haltonSequence({ engineVersion: 1, seed: 11, dimensions: 4 });
    firstPrimes(4).forEach((base, axis) => {
      const n = base ** 3;
      const parts = Array.from({ length: n }, (_, index) => Math.floor((at(index)[axis] as number) * n));
      expect(new Set(parts).size).toBe(n);
    });
  });

  it('refuses an engine version it is not', () => {
    expect(() => haltonPoint({ engineVersion: 2, seed: 0, index: 0, dimensions: 1 })).toThrow(
      'expected version 1 of the Halton engine, got 2',
    );
  });

  it('measures centred discrepancy as scipy does', () => {
    for (const { points: cloud, value } of fixture.discrepancies) {
      expect(centredDiscrepancy(cloud)).toBeCloseTo(value, 12);
    }
  });

  it.each(fixture.medians)(
    'leaves no wider gap on an axis than scipy, within 5 %: $n in $d',
    ({ d, n, ...expected }) => {
      const gaps = Array.from({ length: SEEDS }, (_, seed) => largestGap(points(seed, { n, d }), d));
      const mean = gaps.reduce((a, b) => a + b, 0) / SEEDS;
      expect(mean / expected.largestGap).toBeLessThan(1.05);
    },
  );
});
