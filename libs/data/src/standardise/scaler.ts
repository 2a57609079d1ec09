/**
 * Standardisation per channel: z = (x - mean) / standardDeviation, fitted on training windows only.
 * Axis letters: W windows, T samples in a window, C channels.
 */
import { InputError } from '@kinetune/study';
import { jsonHash } from '../cache/json-hash.ts';
import type { Windows } from '../windows/windows.ts';

/** Stored with the model, a plain JSON value. */
export interface Scaler {
  /** [C] channel names, so that a model refuses a recording with other channels. */
  readonly channels: readonly string[];
  /** [C] in the channel's unit. */
  readonly mean: readonly number[];
  /** [C] in the channel's unit, of the population (divided by n); 1 for a constant channel, which becomes all 0. */
  readonly standardDeviation: readonly number[];
  /** People whose windows it was fitted on, and how many windows: what a leak audit asks. */
  readonly fittedOn: readonly string[];
  readonly windowCount: number;
  /** sha256 over the other fields. */
  readonly hash: string;
}

/**
 * Fits a scaler on the windows at `indices`. A sample in two overlapping windows counts twice, as it does in training.
 * float64, two passes: the second sums squares about the mean, so a large offset costs no digits.
 */
export function fitScaler(
  windows: Pick<Windows, 'samples' | 'channels' | 'length' | 'subject' | 'subjects'>,
  indices: Int32Array,
): Scaler {
  if (indices.length === 0)
    throw new InputError('scaler-empty', 'expected at least one window to fit a scaler on, got none');
  const channelCount = windows.channels.length;
  const size = windows.length * channelCount;
  const mean = new Float64Array(channelCount);
  const squares = new Float64Array(channelCount);
  const people = new Set<number>();
  for (const w of indices) {
    people.add(windows.subject[w] as number);
    for (let i = w * size, end = i + size; i < end; i += channelCount) {
      for (let c = 0; c < channelCount; c++) mean[c] = (mean[c] as number) + (windows.samples[i + c] as number);
    }
  }
  const count = indices.length * windows.length;
  for (let c = 0; c < channelCount; c++) mean[c] = (mean[c] as number) / count;
  for (const w of indices) {
    for (let i = w * size, end = i + size; i < end; i += channelCount) {
      for (let c = 0; c < channelCount; c++) {
        const difference = (windows.samples[i + c] as number) - (mean[c] as number);
        squares[c] = (squares[c] as number) + difference * difference;
      }
    }
  }
  const content = {
    channels: windows.channels.map((channel) => channel.name),
    mean: [...mean],
    standardDeviation: [...squares].map((sum, c) => {
      const variance = sum / count;
      // A constant channel's variance is rounding alone: no larger than that of its mean (float32 input).
      const rounding = (2 ** -24 * (mean[c] as number)) ** 2;
      return variance <= rounding ? 1 : Math.sqrt(variance);
    }),
    fittedOn: windows.subjects.filter((_, i) => people.has(i)),
    windowCount: indices.length,
  };
  return { ...content, hash: jsonHash(content) };
}

/**
 * Standardised copy of samples whose last axis is the channels, e.g. [W, T, C].
 * @param into where to write instead of a new array; may be `samples` itself.
 */
export function standardise(
  samples: Float32Array,
  scaler: Pick<Scaler, 'mean' | 'standardDeviation'>,
  into: Float32Array = new Float32Array(samples.length),
): Float32Array {
  const channelCount = scaler.mean.length;
  if (samples.length % channelCount !== 0 || into.length !== samples.length) {
    throw new InputError(
      'scaler-shape',
      `expected rows of ${channelCount} channels and room for ${samples.length} numbers, got room for ${into.length}`,
    );
  }
  const mean = Float64Array.from(scaler.mean);
  const inverse = Float64Array.from(scaler.standardDeviation, (value) => 1 / value);
  for (let i = 0; i < samples.length; i += channelCount) {
    for (let c = 0; c < channelCount; c++) {
      into[i + c] = ((samples[i + c] as number) - (mean[c] as number)) * (inverse[c] as number);
    }
  }
  return into;
}
