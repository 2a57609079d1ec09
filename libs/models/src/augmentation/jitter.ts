import * as tf from '@tensorflow/tfjs-core';
import type { Augmentation } from '../model.ts';

/** Adds white noise of `standardDeviation` (in standard deviations of the channel) to every sample: y = x + σ n. */
export function jitter(standardDeviation: number): Augmentation {
  return (windows, random) => tf.add(windows, tf.mul(random.normal(windows.shape), standardDeviation));
}
