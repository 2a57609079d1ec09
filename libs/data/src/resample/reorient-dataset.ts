/** Brings sensors that are mounted, or count, differently to one convention of axes. */
import { InputError } from '@kinetune/study';
import { jsonHash } from '../cache/json-hash.ts';
import type { Dataset } from '../recording.ts';

export const SIGNED_AXES = ['x', 'y', 'z', '-x', '-y', '-z'] as const;
export type SignedAxis = (typeof SIGNED_AXES)[number];

export interface ReorientOptions {
  /** New x, y, z in terms of the old: `['-y', 'x', 'z']` is a sensor turned by a quarter. */
  readonly axes: readonly [SignedAxis, SignedAxis, SignedAxis];
  /**
   * `both`: the sensor is mounted otherwise, a rotation that acceleration and angular velocity share. `acceleration`
   * alone: another sign convention, as iOS (gravity counts down) against Android (`['-x', '-y', '-z']`).
   */
  readonly quantity?: 'both' | 'acceleration' | 'angular-velocity';
}

/**
 * The data set with axes exchanged and flipped; the content hash changes.
 * @throws InputError where an axis is named twice, where `both` would be a mirror image (no mounting is), or where a
 *   quantity does not have three channels.
 */
export function reorientDataset(dataset: Dataset, { axes, quantity = 'both' }: ReorientOptions): Dataset {
  const sources = axes.map((axis) => ['x', 'y', 'z'].indexOf(axis.at(-1) as string));
  const signs = axes.map((axis) => (axis.startsWith('-') ? -1 : 1));
  if (axes.some((axis) => !SIGNED_AXES.includes(axis)) || new Set(sources).size !== 3) {
    throw new InputError('axes', `expected each of x, y, z once, with or without -; got ${axes.join(', ')}`);
  }
  if (quantity === 'both' && determinant(sources, signs) < 0) {
    throw new InputError(
      'axes-mirror',
      `${axes.join(', ')} is a mirror image, which no mounting gives; flip another axis, or name the one quantity whose ` +
        'sign convention differs',
    );
  }
  const quantities = quantity === 'both' ? (['acceleration', 'angular-velocity'] as const) : [quantity];
  const target = [...dataset.channels.keys()];
  const factor = target.map(() => 1);
  let isTouched = false;
  for (const name of quantities) {
    const triad = target.filter((c) => dataset.channels[c]?.quantity === name);
    if (triad.length === 0 && quantity === 'both') continue;
    if (triad.length !== 3) {
      throw new InputError(
        'axes-channels',
        `expected three channels of ${name} in ${dataset.name}, got ${triad.length}`,
      );
    }
    isTouched = true;
    triad.forEach((c, axis) => {
      target[c] = triad[sources[axis] as number] as number;
      factor[c] = signs[axis] as number;
    });
  }
  if (!isTouched)
    throw new InputError('axes-channels', `${dataset.name} has no channels of acceleration or angular velocity`);
  const channelCount = dataset.channels.length;
  return {
    ...dataset,
    recordings: dataset.recordings.map((recording) => ({
      ...recording,
      samples: recording.samples.map((_, i) => {
        const c = i % channelCount;
        return (factor[c] as number) * (recording.samples[i - c + (target[c] as number)] as number);
      }),
    })),
    contentHash: jsonHash({ reoriented: dataset.contentHash, axes, quantity }),
  };
}

function determinant(sources: readonly number[], signs: readonly number[]): number {
  const inversions = [
    [0, 1],
    [0, 2],
    [1, 2],
  ].filter(([a, b]) => (sources[a as number] as number) > (sources[b as number] as number)).length;
  return signs.reduce((product, sign) => product * sign, inversions % 2 === 0 ? 1 : -1);
}
