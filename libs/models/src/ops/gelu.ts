import * as tf from '@tensorflow/tfjs-core';
import { withGradient } from './tensorflow-op.ts';

/**
 * The Gaussian error linear unit, exact form (Hendrycks & Gimpel 2016, arXiv 1606.08415; PyTorch's default).
 *
 *     y  = x Φ(x),   Φ(x) = (1 + erf(x / √2)) / 2          any shape
 *     dx = dy (Φ(x) + x φ(x)),   φ(x) = exp(-x² / 2) / √(2π)
 *
 * φ's factor is folded into the exponent, -x²/2 - ln √(2π), which saves one pass over the activations.
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  return withGradient(
    [x],
    () => {
      const cdf = tf.add(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5);
      return { value: tf.mul(x, cdf) as T, saved: [x, cdf] };
    },
    (dy, [x, cdf]) => {
      const scaled = tf.square(tf.mul(x as T, Math.SQRT1_2));
      const density = tf.exp(tf.sub(-0.5 * Math.log(2 * Math.PI), scaled));
      return [tf.mul(dy, tf.add(cdf as T, tf.mul(x as T, density)))];
    },
  );
}
