import * as tf from '@tensorflow/tfjs-core';
import type { Augmentation, RandomSource } from '../model.ts';
import type { Signal } from './signal.ts';

/**
 * Turns all three-axis sensors of a window by one random rotation, as if the device sat otherwise on the body (Um et al.
 * 2017, arXiv 1706.00527). The axis is uniform on the sphere, the angle uniform in [0, maximumDegrees]; at 180 every
 * orientation can come. Small angles keep what gravity says about posture.
 *
 *     physical      y = R x                        x of one sensor and sample
 *     standardised  y_j = Σ_i x_i s_i R_ji / s_j + (Σ_i μ_i R_ji - μ_j) / s_j
 *
 * which is one matrix [C, C] and one offset [C] a window, both linear in R.
 */
export function rotation(maximumDegrees: number, signal: Signal): Augmentation {
  const channelCount = signal.mean.length;
  const { matrix, constantMatrix, offset, constantOffset } = standardisedRotation(signal);
  return (windows, random) => {
    const batchSize = windows.shape[0];
    const flat = tf.reshape(rotationMatrices(batchSize, maximumDegrees, random), [batchSize, 9]) as tf.Tensor2D;
    const a = tf.add(tf.matMul(flat, tf.tensor2d(matrix)), tf.tensor1d(constantMatrix)); // [B, C·C]
    const b = tf.add(tf.matMul(flat, tf.tensor2d(offset)), tf.tensor1d(constantOffset)); // [B, C]
    const turned = tf.matMul(windows, tf.reshape(a, [batchSize, channelCount, channelCount]) as tf.Tensor3D);
    return tf.add(turned, tf.reshape(b, [batchSize, 1, channelCount]));
  };
}

/** Rodrigues' formula for axis a and angle θ: R = cos θ I + sin θ [a]ₓ + (1 - cos θ) a aᵀ. [B, 3, 3] */
export function rotationMatrices(batchSize: number, maximumDegrees: number, random: RandomSource): tf.Tensor3D {
  const angle = tf.mul(random.uniform([batchSize, 1, 1]), (maximumDegrees * Math.PI) / 180);
  const draws = random.normal([batchSize, 3]) as tf.Tensor2D;
  const norm = tf.sqrt(tf.add(tf.sum(tf.square(draws), 1, true), 1e-12));
  const axis = tf.div(draws, norm) as tf.Tensor2D;
  const cosine = tf.cos(angle);
  const column = tf.reshape(axis, [batchSize, 3, 1]);
  const outer = tf.mul(column, tf.reshape(axis, [batchSize, 1, 3])); // a aᵀ
  const cross = tf.reshape(tf.matMul(axis, tf.tensor2d(CROSS_PRODUCT)), [batchSize, 3, 3]); // [a]ₓ
  const identity = tf.tensor2d([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3]);
  return tf.add(
    tf.add(tf.mul(cosine, identity), tf.mul(tf.sin(angle), cross)),
    tf.mul(tf.sub(1, cosine), outer),
  ) as tf.Tensor3D;
}

/** Row i holds what the i-th component of the axis adds to the flattened cross-product matrix. */
const CROSS_PRODUCT = [
  [0, 0, 0, 0, 0, -1, 0, 1, 0],
  [0, 0, 1, 0, 0, 0, -1, 0, 0],
  [0, -1, 0, 1, 0, 0, 0, 0, 0],
];

function standardisedRotation({ sensors, mean, standardDeviation }: Signal): {
  readonly matrix: number[][];
  readonly constantMatrix: number[];
  readonly offset: number[][];
  readonly constantOffset: number[];
} {
  const channelCount = mean.length;
  const matrix = Array.from({ length: 9 }, () => new Array<number>(channelCount * channelCount).fill(0));
  const offset = Array.from({ length: 9 }, () => new Array<number>(channelCount).fill(0));
  const constantMatrix = new Array<number>(channelCount * channelCount).fill(0);
  const constantOffset = new Array<number>(channelCount).fill(0);
  for (const sensor of sensors) {
    if (sensor.length !== 3) {
      for (const c of sensor) constantMatrix[c * channelCount + c] = 1;
      continue;
    }
    sensor.forEach((to, j) => {
      const s = standardDeviation[to] as number;
      constantOffset[to] = -(mean[to] as number) / s;
      sensor.forEach((from, i) => {
        const element = 3 * j + i; // R_ji
        (matrix[element] as number[])[from * channelCount + to] = (standardDeviation[from] as number) / s;
        (offset[element] as number[])[to] = (mean[from] as number) / s;
      });
    });
  }
  return { matrix, constantMatrix, offset, constantOffset };
}
