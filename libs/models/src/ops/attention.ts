import * as tf from '@tensorflow/tfjs-core';
import { withGradient } from './tensorflow-op.ts';

// B batch, S tokens, Q query tokens, H heads, E head size.

/**
 * Scaled dot-product attention weights (Vaswani et al. 2017, arXiv 1706.03762, eq. 1).
 *
 *     P = softmax(s Q Kᵀ),   s = 1 / √E                    q [B, H, Q, E], k [B, H, S, E] -> P [B, H, Q, S]
 *     dZ = s P (dP - Σ_S dP P),  dq = dZ K,  dk = dZᵀ Q
 *
 * One function, so that the scores are scaled and normalised without being kept: only P is.
 */
export function attentionWeights(q: tf.Tensor4D, k: tf.Tensor4D): tf.Tensor4D {
  const scale = 1 / Math.sqrt(q.shape[3]);
  return withGradient(
    [q, k],
    () => {
      const weights = tf.softmax(tf.mul(tf.matMul(q, k, false, true), scale)) as tf.Tensor4D;
      return { value: weights, saved: [weights, q, k] };
    },
    (dy, saved) => {
      const [weights, q, k] = saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
      const product = tf.mul(dy, weights);
      const inner = tf.sub(product, tf.mul(weights, tf.sum(product, 3, true)));
      const dScores = tf.mul(inner, scale) as tf.Tensor4D;
      return [tf.matMul(dScores, k), tf.matMul(dScores, q, true, false)];
    },
  );
}

/**
 * Splits rows of `parts` packed projections into heads: [B·S, parts·H·E] -> parts tensors [B, H, S, E]. The parts lead
 * after one transpose, so that the split shares memory instead of copying.
 */
export function splitHeads(
  packed: tf.Tensor2D,
  shape: { readonly batchSize: number; readonly headCount: number; readonly parts: number },
): tf.Tensor4D[] {
  const { batchSize, headCount, parts } = shape;
  const tokenCount = packed.shape[0] / batchSize;
  const headSize = packed.shape[1] / (parts * headCount);
  const heads = tf.transpose(tf.reshape(packed, [batchSize, tokenCount, parts, headCount, headSize]), [2, 0, 3, 1, 4]);
  const part: [number, number, number, number] = [batchSize, headCount, tokenCount, headSize];
  if (parts === 1) return [tf.reshape(heads, part)];
  return tf.split(heads, parts, 0).map((head) => tf.reshape(head, part));
}

/** Joins heads back into rows: [B, H, S, E] -> [B·S, H·E]. */
export function mergeHeads(heads: tf.Tensor4D): tf.Tensor2D {
  const [batchSize, headCount, tokenCount, headSize] = heads.shape;
  return tf.reshape(tf.transpose(heads, [0, 2, 1, 3]), [batchSize * tokenCount, headCount * headSize]);
}
