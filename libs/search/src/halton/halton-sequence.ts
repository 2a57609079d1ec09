/**
 * Scrambled Halton sequence (J. H. Halton 1960; random digit permutations as in A. B. Owen 2017, arXiv:1706.02808).
 *
 *   i = sum_j a_j b^j                   digits of the index in base b, the dimension's prime
 *   x(i) = sum_j pi_j(a_j) b^-(j+1)     pi_j a random permutation of 0 ... b-1, its own for every digit place j
 *
 * All digit places that a double can hold are permuted, the leading zeros of a small index too: every point is uniform in
 * the cube, and none is special (the first point of the plain sequence is the corner of all minima). Permutations are drawn
 * from the key (engine version, seed, dimension), so a point is a function of (engine version, seed, index) alone: any
 * number of workers, in any order, gets the same points.
 *
 * No Cranley-Patterson shift on top. It adds nothing to points that are uniform already, and it cuts the elementary
 * intervals at the ends of the axes: measured over 600 seeds, it raises the median centred discrepancy 1.2 to 1.5 times
 * (d = 3: 1.21 at 20 points, 1.52 at 100; d = 8: 1.06 and 1.18), with scipy's own points as well. Without it ours is
 * scipy's within 3 % (halton-sequence.test.ts).
 * Large bases with one permutation for all places (algoperf) are as uneven as chance.
 */
import { createRng, InputError, invariant, permutation } from '@kinetune/study';
import type { PointEngine, PointSequence } from '../point-engine.ts';
import { firstPrimes } from './first-primes.ts';

/** Counts up with any change that moves a point; old studies name theirs and keep it. */
export const HALTON_ENGINE_VERSION = 1;

export interface HaltonKey {
  readonly engineVersion: number;
  readonly seed: number;
  readonly dimensions: number;
}

/** Draws the permutations once; for more than a few points of one sequence. */
export function haltonSequence({ engineVersion, seed, dimensions }: HaltonKey): PointSequence {
  if (engineVersion !== HALTON_ENGINE_VERSION) {
    throw new InputError(
      'unknown-engine-version',
      `expected version ${HALTON_ENGINE_VERSION} of the Halton engine, got ${engineVersion}: continue this study with the version of Kinetune that began it`,
    );
  }
  const axes = firstPrimes(dimensions).map((base, dimension) => {
    const rng = createRng('halton', engineVersion, seed, dimension);
    const places = Math.floor(53 / Math.log2(base)); // base^places <= 2^53: every sum is exact enough to stay below 1
    const permutations = Array.from({ length: places }, () => permutation(base, rng));
    return { base, permutations };
  });
  return (index) => {
    invariant(Number.isSafeInteger(index) && index >= 0, `an index counts from 0, got ${index}`);
    return axes.map(({ base, permutations }) => scrambledRadicalInverse(index, base, permutations));
  };
}

export const haltonEngine: PointEngine = {
  name: 'halton',
  version: HALTON_ENGINE_VERSION,
  points: (key) => haltonSequence({ engineVersion: HALTON_ENGINE_VERSION, ...key }),
};

/** One point; see `haltonSequence`. */
export function haltonPoint({ index, ...key }: HaltonKey & { readonly index: number }): readonly number[] {
  return haltonSequence(key)(index);
}

/** x(i): the digits of `index`, permuted place by place and mirrored at the point. In [0, 1). */
function scrambledRadicalInverse(index: number, base: number, permutations: readonly Int32Array[]): number {
  let numerator = 0;
  let denominator = 1;
  let rest = index;
  for (const places of permutations) {
    const digit = rest % base;
    rest = (rest - digit) / base;
    numerator = numerator * base + (places[digit] as number);
    denominator *= base;
  }
  return numerator / denominator;
}

/** The plain radical inverse, for comparison with other implementations: identity permutations, no shift. */
export function radicalInverse(index: number, base: number): number {
  const identity = Int32Array.from({ length: base }, (_, digit) => digit);
  const places = Math.floor(53 / Math.log2(base));
  return scrambledRadicalInverse(
    index,
    base,
    Array.from({ length: places }, () => identity),
  );
}
