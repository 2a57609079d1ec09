/**
 * Scrambled Sobol sequence (I. M. Sobol 1967; direction numbers of S. Joe and F. Y. Kuo 2008; scrambled by a random linear
 * matrix and a digital shift, J. Matousek 1998), as `qmc.Sobol(scramble=True)` of scipy.
 *
 *   x_d(i) = shift_d xor (xor of L_d v_dk over the bits k of gray(i)),   gray(i) = i xor (i >> 1)
 *   v_dk = m_k 2^(32-k)                 directions; m by the recurrence of the dimension's primitive polynomial
 *   m_k = 2 a_1 m_(k-1) xor 4 a_2 m_(k-2) xor ... xor 2^s m_(k-s) xor m_(k-s)
 *   L_d                                 random lower triangular bit matrix with a unit diagonal, most significant bit first
 *
 * 32 bits, so index < 2^32. Matrix and shift are drawn from the key (engine version, seed, dimension): a point is a function of
 * (engine version, seed, index). Most even where the number of points is a power of two.
 */
import { createRng, InputError, invariant, type Rng } from '@kinetune/study';
import type { PointEngine, PointSequence } from '../point-engine.ts';
import { DIRECTION_NUMBERS } from './direction-numbers.ts';

const BITS = 32;
const VERSION = 1;

export const sobolEngine: PointEngine = {
  name: 'sobol',
  version: VERSION,
  points: ({ seed, dimensions }) =>
    sequenceOf(
      directions(dimensions).map((unscrambled, dimension) => {
        const rng = createRng('sobol', VERSION, seed, dimension);
        return { vectors: scramble(unscrambled, rng), shift: bits32(rng) };
      }),
    ),
};

/** The sequence as published, for comparison with other implementations; its first point is the corner of all minima. */
export function unscrambledSobol(dimensions: number): PointSequence {
  return sequenceOf(directions(dimensions).map((vectors) => ({ vectors, shift: 0 })));
}

interface Axis {
  /** [32]: direction vector of each bit of the index, lowest bit first. */
  readonly vectors: Uint32Array;
  readonly shift: number;
}

function sequenceOf(axes: readonly Axis[]): PointSequence {
  return (index) => {
    invariant(index >= 0 && index < 2 ** BITS && Number.isInteger(index), `an index from 0 to 2^32 - 1, got ${index}`);
    const gray = (index ^ (index >>> 1)) >>> 0;
    return axes.map(({ vectors, shift }) => {
      let x = shift;
      for (let rest = gray, k = 0; rest !== 0; rest >>>= 1, k++) if ((rest & 1) === 1) x ^= vectors[k] as number;
      return (x >>> 0) / 2 ** BITS;
    });
  };
}

/** Direction vectors of each dimension, from the table. */
function directions(dimensions: number): readonly Uint32Array[] {
  const table = DIRECTION_NUMBERS.trim().split('\n');
  if (dimensions > table.length + 1) {
    throw new InputError(
      'too-many-dimensions',
      `expected at most ${table.length + 1} hyperparameters for the Sobol sampler, got ${dimensions}: take the halton sampler, which has no such limit`,
    );
  }
  const first = Uint32Array.from({ length: BITS }, (_, k) => 2 ** (BITS - 1 - k));
  const others = table.slice(0, Math.max(0, dimensions - 1)).map((line) => directionsOf(line.split(' ').map(Number)));
  return [first, ...others].slice(0, dimensions);
}

function directionsOf([polynomial = 1, ...initial]: readonly number[]): Uint32Array {
  const degree = initial.length;
  const vectors = new Uint32Array(BITS);
  for (let k = 0; k < BITS; k++) {
    const given = initial[k];
    if (given !== undefined) {
      vectors[k] = given * 2 ** (BITS - 1 - k);
      continue;
    }
    // In terms of v the powers of two of the recurrence fall away, but for the last: v_(k-s) is shifted down by s.
    let vector = (vectors[k - degree] as number) ^ ((vectors[k - degree] as number) >>> degree);
    for (let j = 1; j < degree; j++) {
      if (((polynomial >>> (degree - j)) & 1) === 1) vector ^= vectors[k - j] as number;
    }
    vectors[k] = vector;
  }
  return vectors;
}

/** L v for each direction vector. */
function scramble(vectors: Uint32Array, rng: Rng): Uint32Array {
  // Row p of L decides bit p (0 the most significant): a one on the diagonal, chance before it.
  const rows = Uint32Array.from({ length: BITS }, (_, p) => {
    const diagonal = 2 ** (BITS - 1 - p);
    const before = ~(2 * diagonal - 1);
    return (bits32(rng) & before) | diagonal;
  });
  return vectors.map((vector) => {
    let scrambled = 0;
    for (const row of rows) scrambled = (scrambled << 1) | parity(row & vector);
    return scrambled;
  });
}

function bits32(rng: Rng): number {
  return rng.integer(2 ** 32);
}

function parity(bits: number): number {
  let folded = bits ^ (bits >>> 16);
  folded ^= folded >>> 8;
  folded ^= folded >>> 4;
  folded ^= folded >>> 2;
  folded ^= folded >>> 1;
  return folded & 1;
}
