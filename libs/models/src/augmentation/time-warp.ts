import * as tf from '@tensorflow/tfjs-core';
import type { Augmentation } from '../model.ts';
import { interpolateTime } from './resample-time.ts';
import { integratedBasis, KNOT_COUNT } from './smooth-curve.ts';

/**
 * Plays each window at a smoothly changing speed v(t) = 1 + u(t), u's knots uniform in [-depth, depth], depth below 1 (after
 * Um et al. 2017, arXiv 1706.00527). Positions are ∫v, stretched so that the first and last sample stay in place.
 */
export function timeWarp(depth: number): Augmentation {
  return (windows, random) => {
    const [batchSize, length] = windows.shape;
    if (length === 1) return windows;
    const knots = tf.mul(tf.sub(random.uniform([batchSize, KNOT_COUNT]), 0.5), 2 * depth) as tf.Tensor2D;
    const steps = tf.tensor1d(Array.from({ length }, (_, t) => t));
    const path = tf.add(steps, tf.matMul(knots, tf.tensor2d(integratedBasis(length)))) as tf.Tensor2D; // [B, T]
    const end = tf.slice(path, [0, length - 1], [batchSize, 1]);
    const positions = tf.clipByValue(tf.mul(tf.div(path, end), length - 1), 0, length - 1) as tf.Tensor2D;
    return interpolateTime(windows, positions);
  };
}
