import * as tf from '@tensorflow/tfjs-core';
import { biasGradient, withGradient } from './tensorflow-op.ts';

/** PyTorch's default. */
export const LAYER_NORM_EPSILON = 1e-5;

/**
 * Layer normalisation over the last axis (Ba, Kiros & Hinton 2016, arXiv 1607.06450), with PyTorch's biased variance.
 *
 *     x̂ = (x - μ) r,   r = 1 / √(σ² + ε),   y = γ x̂ + β        x [N, D], γ β [D]
 *     g = dy γ,  dx = r (g - mean(g) - x̂ mean(g x̂)),  dγ = Σ_n dy x̂,  dβ = Σ_n dy      means over D
 */
export function layerNorm(x: tf.Tensor2D, gamma: tf.Tensor1D, beta: tf.Tensor1D): tf.Tensor2D {
  return withGradient(
    [x, gamma, beta],
    () => {
      const centred = tf.sub(x, tf.mean(x, 1, true));
      const variance = tf.mean(tf.square(centred), 1, true);
      const inverse = tf.rsqrt(tf.add(variance, LAYER_NORM_EPSILON)); // [N, 1]
      const normalised = tf.mul(centred, inverse) as tf.Tensor2D;
      const value = tf.add(tf.mul(normalised, gamma), beta) as tf.Tensor2D;
      return { value, saved: [normalised, inverse, gamma] };
    },
    (dy, saved) => {
      const [normalised, inverse, gamma] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
      const g = tf.mul(dy, gamma);
      const projection = tf.mean(tf.mul(g, normalised), 1, true); // [N, 1]
      const inner = tf.sub(tf.sub(g, tf.mean(g, 1, true)), tf.mul(normalised, projection));
      return [tf.mul(inner, inverse), biasGradient(tf.mul(dy, normalised)), biasGradient(dy)];
    },
  );
}
