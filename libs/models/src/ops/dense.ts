import type * as tf from '@tensorflow/tfjs-core';
import { biasAdd, biasGradient, matMul, withGradient } from './tensorflow-op.ts';

/**
 * A dense (fully connected) layer on rows.
 *
 *     y = x W + b          x [N, I], W [I, O], b [O] -> y [N, O]
 *     dx = dy Wᵀ,  dW = xᵀ dy,  db = Σ_n dy_n
 *
 * W is PyTorch's `Linear.weight` transposed. Without `bias`, y = x W.
 */
export function dense(x: tf.Tensor2D, kernel: tf.Tensor2D, bias?: tf.Tensor1D): tf.Tensor2D {
  if (bias === undefined) {
    return withGradient(
      [x, kernel],
      () => ({ value: matMul(x, kernel), saved: [x, kernel] }),
      (dy, [x, kernel]) => productGradients(dy, x as tf.Tensor2D, kernel as tf.Tensor2D),
    );
  }
  return withGradient(
    [x, kernel, bias],
    () => ({ value: biasAdd(matMul(x, kernel), bias), saved: [x, kernel] }),
    (dy, [x, kernel]) => [...productGradients(dy, x as tf.Tensor2D, kernel as tf.Tensor2D), biasGradient(dy)],
  );
}

function productGradients(dy: tf.Tensor2D, x: tf.Tensor2D, kernel: tf.Tensor2D): [tf.Tensor2D, tf.Tensor2D] {
  return [matMul(dy, kernel, { transposeB: true }), matMul(x, dy, { transposeA: true })];
}
