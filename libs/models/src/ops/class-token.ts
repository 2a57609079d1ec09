import * as tf from '@tensorflow/tfjs-core';
import { withGradient } from './tensorflow-op.ts';

// B batch, N tokens, D embedding size.

/**
 * Prepends the class token and adds learned positions (Dosovitskiy et al. 2020, arXiv 2010.11929, eq. 1).
 *
 *     y_0 = c + p_0,   y_i = x_{i-1} + p_i                 x [B, N, D], c [D], p [N+1, D] -> y [B, N+1, D]
 *     dp = Σ_B dy,  dc = dp_0,  dx = dy without its first token
 */
export function prependClassToken(x: tf.Tensor3D, token: tf.Tensor1D, positions: tf.Tensor2D): tf.Tensor3D {
  const [batchSize, tokenCount, size] = x.shape;
  return withGradient(
    [x, token, positions],
    () => {
      const first = tf.broadcastTo(tf.reshape(token, [1, 1, size]), [batchSize, 1, size]) as tf.Tensor3D;
      return { value: tf.add(tf.concat([first, x], 1), positions) as tf.Tensor3D, saved: [] };
    },
    (dy) => {
      const dPositions = tf.sum(dy, 0);
      const dToken = tf.reshape(tf.slice(dPositions, [0, 0], [1, size]), [size]);
      return [tf.slice(dy, [0, 1, 0], [batchSize, tokenCount, size]), dToken, dPositions];
    },
  );
}

/** The first token of each window: [B·S, D] -> [B, D]. Its gradient pads with zeros. */
export function takeClassToken(tokens: tf.Tensor2D, batchSize: number): tf.Tensor2D {
  const size = tokens.shape[1];
  const tokenCount = tokens.shape[0] / batchSize;
  const first = tf.slice(tf.reshape(tokens, [batchSize, tokenCount, size]), [0, 0, 0], [batchSize, 1, size]);
  return tf.reshape(first, [batchSize, size]);
}
