import * as tf from '@tensorflow/tfjs-core';
import type { Augmentation } from '../model.ts';
import { gatherTime } from './resample-time.ts';

// B batch, P pieces, T time.

/**
 * Cuts each window into `pieceCount` pieces of equal length (within one sample) and puts them in random order (Um et al.
 * 2017, arXiv 1706.00527). Every sample is kept once.
 *
 * Piece j goes where the pieces with smaller draws end: start_j = Σ_k L_k [u_k < u_j]; a sample at time t of piece j comes
 * from t - start_j + source_j.
 */
export function permutation(pieceCount: number): Augmentation {
  return (windows, random) => {
    const [batchSize, length] = windows.shape;
    const bounds = Array.from({ length: pieceCount + 1 }, (_, j) => Math.floor((j * length) / pieceCount));
    const sources = tf.tensor1d(bounds.slice(0, -1));
    const lengths = tf.tensor1d(bounds.slice(1).map((end, j) => end - (bounds[j] as number)));
    const draws = random.uniform([batchSize, pieceCount]);
    const isBefore = tf.cast(before(draws, pieceCount), 'float32'); // [B, P, P]: k before j
    const starts = tf.sum(tf.mul(isBefore, lengths), 2); // [B, P]
    const time = tf.tensor1d(Array.from({ length }, (_, t) => t));
    const since = tf.sub(time, tf.expandDims(starts, 2)); // [B, P, T]
    const isInside = tf.logicalAnd(tf.greaterEqual(since, 0), tf.less(since, tf.reshape(lengths, [1, pieceCount, 1])));
    const shifts = tf.expandDims(tf.sub(sources, starts), 2); // [B, P, 1]
    const positions = tf.add(time, tf.sum(tf.mul(tf.cast(isInside, 'float32'), shifts), 1)) as tf.Tensor2D;
    return gatherTime(windows, tf.cast(positions, 'int32'));
  };
}

/** [B, P, P]: whether piece k's draw puts it before piece j; equal draws keep their order, so that it is always an order. */
function before(draws: tf.Tensor, pieceCount: number): tf.Tensor {
  const self = tf.expandDims(draws, 2);
  const other = tf.expandDims(draws, 1);
  const isEarlier = tf.tensor2d(
    Array.from({ length: pieceCount }, (_, j) => Array.from({ length: pieceCount }, (_, k) => (k < j ? 1 : 0))),
    [pieceCount, pieceCount],
    'bool',
  );
  return tf.logicalOr(tf.less(other, self), tf.logicalAnd(tf.equal(other, self), isEarlier));
}
