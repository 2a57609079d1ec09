/**
 * Keyed random numbers: a stream is a function of its key, so a split, a weight or a suggestion can be recomputed from
 * the record, in any process. The generator is sfc32 (Chris Doty-Humphrey, PractRand), keys are hashed by FNV-1a.
 * For simulation, never for secrets.
 */

/** A stream of uniform draws. Every function that needs chance takes one as an argument. */
export interface Rng {
  /** Uniform in [0, 1), 53 bits. */
  next(): number;
  /** Uniform integer in [0, bound), without modulo bias worth naming (bound up to 2^32). */
  integer(bound: number): number;
  /** Standard normal (Box-Muller; two uniforms a draw, so the position in the stream is predictable). */
  normal(): number;
}

/** A 32-bit seed derived from any list of words and numbers: `deriveSeed(studySeed, 'split', fold)`. */
export function deriveSeed(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    // The type is part of the key, so 1 and '1' are different.
    const text = `${typeof part === 'number' ? '#' : '$'}${part};`;
    for (let i = 0; i < text.length; i++) {
      hash ^= text.charCodeAt(i);
      hash = Math.imul(hash, 0x01000193);
    }
  }
  // FNV mixes the low bits of the last characters poorly; one avalanche round repairs it (Murmur3's finaliser).
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A stream of draws keyed by `parts`; the same parts give the same stream everywhere. */
export function createRng(...parts: readonly (string | number)[]): Rng {
  // sfc32 (Chris Doty-Humphrey's PractRand), seeded by four independent hashes of the key and run in.
  // In an array: variables that a closure keeps and that leave 31 bits are allocated anew by every assignment.
  const state = Int32Array.of(deriveSeed('a', ...parts), deriveSeed('b', ...parts), deriveSeed('c', ...parts), 1);
  const next32 = (): number => {
    const [a, b, c, counter] = [state[0] as number, state[1] as number, state[2] as number, state[3] as number];
    const sum = (((a + b) | 0) + counter) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + sum;
    state[3] = counter + 1;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) next32();
  const next = (): number => ((next32() >>> 5) * 67108864 + (next32() >>> 6)) / 9007199254740992;
  return {
    next,
    integer: (bound) => Math.floor(next() * bound),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

/** 0 ... count-1 in random order (Fisher-Yates). */
export function permutation(count: number, rng: Rng): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    const swapped = order[i] as number;
    order[i] = order[j] as number;
    order[j] = swapped;
  }
  return order;
}
