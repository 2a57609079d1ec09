import type { Sensor } from './sensors.ts';

/**
 * What the channels of a standardised window are. A model is fed (x - mean) / standardDeviation, channel by channel, but to
 * turn or amplify a sensor acts on x itself, gravity included; augmentations of that kind undo the standardisation on paper
 * and work on the standardised numbers directly.
 */
export interface Signal {
  readonly sensors: readonly Sensor[];
  /** [C], in the channel's unit: the training people's. */
  readonly mean: readonly number[];
  /** [C], in the channel's unit, positive. */
  readonly standardDeviation: readonly number[];
}

/** mean / standardDeviation of each channel: where a physical zero lies is its negative. */
export function relativeMeans({ mean, standardDeviation }: Signal): number[] {
  return mean.map((value, c) => value / (standardDeviation[c] as number));
}
