/** What a training run carries from step to step, as plain arrays: for checkpoints and for the eager reference. */
import { createRng, InputError } from '@kinetune/study';
import type { WeightSpec } from '../model.ts';

export interface NamedArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * Everything that a later step depends on besides its batch: with the same engine options, importing it and going on
 * gives the same bits as never having stopped.
 */
export interface TrainingState {
  /** Steps taken. */
  readonly step: number;
  readonly weights: ReadonlyMap<string, NamedArray>;
  /** By `<slot>/<weight>`, e.g. `mean/head.kernel`. */
  readonly optimizer: ReadonlyMap<string, NamedArray>;
  /** Averaged weights; empty unless they are kept. */
  readonly average: ReadonlyMap<string, NamedArray>;
}

/** Starting weights: a stream of draws per weight, keyed by seed and name, so one weight does not shift another's. */
export function initialWeights(weights: readonly WeightSpec[], seed: number): Map<string, NamedArray> {
  return new Map(weights.map((spec) => [spec.name, { shape: spec.shape, values: initialValues(spec, seed) }]));
}

function initialValues({ name, shape, initialiser }: WeightSpec, seed: number): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  const rng = createRng(seed, 'weights', name);
  switch (initialiser.type) {
    case 'zeros':
      return values;
    case 'ones':
      return values.fill(1);
    case 'normal':
      for (let i = 0; i < values.length; i++)
        values[i] = initialiser.mean + initialiser.standardDeviation * rng.normal();
      return values;
    case 'uniform': {
      const width = initialiser.maximum - initialiser.minimum;
      for (let i = 0; i < values.length; i++) values[i] = initialiser.minimum + width * rng.next();
      return values;
    }
  }
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Throws an `InputError` unless `given` has exactly the wanted names, each of its shape: a transposed kernel is another. */
export function assertSameArrays(
  what: string,
  wanted: ReadonlyMap<string, readonly number[]>,
  given: ReadonlyMap<string, NamedArray>,
): void {
  for (const name of given.keys()) {
    if (!wanted.has(name)) throw new InputError('state', `${what} '${name}' is not part of this model and optimizer`);
  }
  for (const [name, shape] of wanted) {
    const array = given.get(name);
    if (array === undefined) throw new InputError('state', `${what} '${name}' is missing from the state`);
    if (array.values.length !== sizeOf(shape) || array.shape.join() !== shape.join()) {
      const facts = (sides: readonly number[], count: number) => `shape [${sides.join(', ')}] and ${count} values`;
      throw new InputError(
        'state',
        `${what} '${name}' needs ${facts(shape, sizeOf(shape))}, got ${facts(array.shape, array.values.length)}`,
      );
    }
  }
}
