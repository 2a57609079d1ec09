import * as tf from '@tensorflow/tfjs-core';
import type { Augmentation } from '../model.ts';
import { gatherTime } from './resample-time.ts';

/**
 * Moves each window along time by a whole number of samples, uniform in ±share·T; what leaves at one end comes back at the
 * other, so no sample is invented.
 */
export function shift(share: number): Augmentation {
  return (windows, random) => {
    const [batchSize, length] = windows.shape;
    const reach = Math.round(share * length);
    const moves = tf.floor(tf.mul(random.uniform([batchSize, 1]), 2 * reach + 1)); // 0 ... 2 reach
    const time = tf.tensor1d(Array.from({ length }, (_, t) => t - reach));
    const positions = tf.mod(tf.add(time, moves), length) as tf.Tensor2D;
    return gatherTime(windows, tf.cast(positions, 'int32'));
  };
}
