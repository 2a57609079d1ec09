import type * as tf from '@tensorflow/tfjs-core';
import type { WeightLookup } from '../model.ts';
import { dense } from './dense.ts';
import { layerNorm } from './layer-norm.ts';

/** A dense layer by its name; without a bias where the model declares none, which the caller states. */
export function applyDense(
  x: tf.Tensor2D,
  weights: WeightLookup,
  name: string,
  { bias = true }: { readonly bias?: boolean } = {},
): tf.Tensor2D {
  const kernel = weights(`${name}.kernel`) as tf.Tensor2D;
  return bias ? dense(x, kernel, weights(`${name}.bias`) as tf.Tensor1D) : dense(x, kernel);
}

/** A layer normalisation by its name. */
export function applyLayerNorm(x: tf.Tensor2D, weights: WeightLookup, name: string): tf.Tensor2D {
  return layerNorm(x, weights(`${name}.gamma`) as tf.Tensor1D, weights(`${name}.beta`) as tf.Tensor1D);
}
