import * as tf from '@tensorflow/tfjs-core';
import type { Augmentation } from '../model.ts';
import { relativeMeans, type Signal } from './signal.ts';

/**
 * Multiplies each sensor of a window by one factor f ~ N(1, σ) in physical units (Um et al. 2017, arXiv 1706.00527, who draw
 * a factor an axis; one a sensor keeps directions). Standardised: y = f x + (f - 1) μ / s.
 */
export function scaling(standardDeviation: number, signal: Signal): Augmentation {
  return (windows, random) => {
    const draws = tf.mul(random.normal([windows.shape[0], signal.sensors.length]), standardDeviation) as tf.Tensor2D; // f - 1
    const excess = tf.reshape(tf.matMul(draws, sensorTable(signal)), [windows.shape[0], 1, windows.shape[2]]);
    return amplify(windows, excess, signal);
  };
}

/** x (1 + e) in physical units, of standardised windows: x + e (x + μ / s). `excess` e [B, 1 or T, C]. */
export function amplify(windows: tf.Tensor3D, excess: tf.Tensor, signal: Signal): tf.Tensor3D {
  return tf.add(windows, tf.mul(excess, tf.add(windows, tf.tensor1d(relativeMeans(signal)))));
}

/** [sensors, C]: 1 where the channel belongs to the sensor, so that draws a sensor spread to its channels. */
export function sensorTable({ sensors, mean }: Signal): tf.Tensor2D {
  return tf.tensor2d(sensors.map((sensor) => mean.map((_, channel) => (sensor.includes(channel) ? 1 : 0))));
}
