/**
 * The one-dimensional vision transformer of the original study (lucidrains vit_1d.py, MIT, at 69d24fe).
 *
 *     windows -> patches -> LN -> dense -> LN                     [B, T, C] -> [B, n, p·C] -> [B, n, D],   n = T / p
 *     -> class token, positions, dropout -> blocks -> LN -> dense on the class token                       [B, K]
 *
 * A patch is time-major, then channels: with windows [B, T, C] cutting patches is a reshape and costs nothing. Heads have
 * their own size, so headCount x headSize need not equal embeddingSize.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ModelShape } from '../catalogue/definition.ts';
import type { Vit1dHyperparameters } from '../catalogue/vit1d.ts';
import type { Model } from '../model.ts';
import { denseWeights, layerNormWeights } from '../ops/weight-specs.ts';
import { applyDense, applyLayerNorm } from '../ops/apply-layers.ts';
import { classTokenTransformer, classTokenTransformerWeights } from '../transformer/class-token-transformer.ts';

export function createVit1d(hyperparameters: Vit1dHyperparameters, shape: ModelShape): Model {
  const { windowLength, channelCount, classCount } = shape;
  const { patchSize, embeddingSize } = hyperparameters;
  const patchLength = patchSize * channelCount;
  const tokenCount = windowLength / patchSize;
  const options = { ...hyperparameters, tokenCount, classCount };
  return {
    family: 'vit1d',
    inputShape: [windowLength, channelCount],
    classCount,
    weights: [
      ...layerNormWeights('embedding.patchNorm', patchLength),
      ...denseWeights('embedding.projection', patchLength, embeddingSize),
      ...layerNormWeights('embedding.tokenNorm', embeddingSize),
      ...classTokenTransformerWeights(options),
    ],
    forward(input, weights, context) {
      const patches: tf.Tensor2D = tf.reshape(input, [input.shape[0] * tokenCount, patchLength]);
      const normed = applyLayerNorm(patches, weights, 'embedding.patchNorm');
      const projected = applyDense(normed, weights, 'embedding.projection'); // [B·n, D]
      const embeddings = applyLayerNorm(projected, weights, 'embedding.tokenNorm');
      return classTokenTransformer(embeddings, weights, { options, context });
    },
  };
}
