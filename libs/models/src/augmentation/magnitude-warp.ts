import * as tf from '@tensorflow/tfjs-core';
import type { Augmentation } from '../model.ts';
import { amplify, sensorTable } from './scaling.ts';
import type { Signal } from './signal.ts';
import { KNOT_COUNT, smoothBasis } from './smooth-curve.ts';

/**
 * Multiplies each sensor of a window by its own smooth curve around 1, with knots N(1, σ), in physical units (after Um et al.
 * 2017, arXiv 1706.00527).
 */
export function magnitudeWarp(standardDeviation: number, signal: Signal): Augmentation {
  return (windows, random) => {
    const [batchSize, length, channelCount] = windows.shape;
    const sensorCount = signal.sensors.length;
    const knots = tf.mul(random.normal([batchSize * sensorCount, KNOT_COUNT]), standardDeviation) as tf.Tensor2D;
    const curves = tf.reshape(tf.matMul(knots, tf.tensor2d(smoothBasis(length))), [batchSize, sensorCount, length]);
    const rows = tf.reshape(tf.transpose(curves, [0, 2, 1]), [batchSize * length, sensorCount]) as tf.Tensor2D;
    const excess = tf.reshape(tf.matMul(rows, sensorTable(signal)), [batchSize, length, channelCount]);
    return amplify(windows, excess, signal);
  };
}
