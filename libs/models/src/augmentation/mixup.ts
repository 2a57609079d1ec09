import * as tf from '@tensorflow/tfjs-core';
import type { RandomSource } from '../model.ts';
import { tensorflowOp } from '../ops/tensorflow-op.ts';
import { betaQuantiles } from './beta-quantiles.ts';

/** Windows blended with others, and how much of each is its own. */
export interface MixedWindows {
  /** [B, T, C] */
  readonly windows: tf.Tensor3D;
  /** λ [B], in [0, 1]: row i is λ_i of itself and 1 - λ_i of row B-1-i, and so must its loss be. */
  readonly ownShare: tf.Tensor1D;
}

/**
 * Mixup (Zhang et al. 2017, arXiv 1710.09412): x_i ← λ_i x_i + (1 - λ_i) x_{B-1-i}, λ_i ~ Beta(α, α), and the loss of row i
 * λ_i L(z_i, y_i) + (1 - λ_i) L(z_i, y_{B-1-i}) (`mixLosses`). Rows come in random order, so the row from the other end is a
 * random partner. λ is drawn by inverting a table of the distribution, so that one uniform number makes one draw.
 */
export function mixup(alpha: number): (windows: tf.Tensor3D, random: RandomSource) => MixedWindows {
  const table = betaQuantiles(alpha, TABLE_SIZE);
  return (windows, random) => {
    const batchSize = windows.shape[0];
    const position = tf.mul(random.uniform([batchSize]), TABLE_SIZE); // in [0, TABLE_SIZE)
    const cell = tf.floor(position);
    const low = pick(table, cell);
    const ownShare = tf.add(
      low,
      tf.mul(tf.sub(position, cell), tf.sub(pick(table, tf.add(cell, 1)), low)),
    ) as tf.Tensor1D;
    const share = tf.reshape(ownShare, [batchSize, 1, 1]);
    const partner = tf.reverse(windows, 0);
    return { windows: tf.add(partner, tf.mul(share, tf.sub(windows, partner))), ownShare };
  };
}

/** The loss of each row [B] against its own target and against its partner's, blended as the windows are. */
export function mixLosses(own: tf.Tensor1D, partner: tf.Tensor1D, ownShare: tf.Tensor1D): tf.Tensor1D {
  return tf.add(partner, tf.mul(ownShare, tf.sub(own, partner)));
}

/** Cells of the table: their ends are quantiles 0, 1/1024, ... 1. */
const TABLE_SIZE = 1024;

function pick(table: readonly number[], index: tf.Tensor): tf.Tensor1D {
  return tensorflowOp(
    'GatherV2',
    { batch_dims: 0, Tparams: { dtype: 'float32' }, Tindices: { dtype: 'int32' }, Taxis: { dtype: 'int32' } },
    [tf.tensor1d([...table]), tf.cast(index, 'int32'), tf.scalar(0, 'int32')],
  );
}
