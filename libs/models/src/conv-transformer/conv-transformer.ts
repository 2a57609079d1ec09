/**
 * The convolutional-backbone transformer of the original study, after Shavit & Klein's har-with-imu-transformer.
 *
 *     4 x [conv1d, GELU]            [B, T, C] -> [B, T, h]
 *     tokens: channel               transpose to [B, h, T]: each mixed channel is one token over the whole window (original)
 *             time                  [B, T, h]: each time step is one token (the ancestor's choice)
 *     dense without bias            [B, n, length] -> [B, n, D]
 *     -> class token, positions, dropout -> blocks -> LN -> dense on the class token   [B, K]
 *
 * With a kernel of size 1 (the original) time is not mixed before attention; larger kernels are padded to keep the length.
 * For time tokens the dense layer from h to D is ours, so that both kinds of token share one architecture; the ancestor has
 * D = h and none.
 */
import * as tf from '@tensorflow/tfjs-core';
import { BACKBONE_LAYER_COUNT, tokenGrid, type ConvTransformerHyperparameters } from '../catalogue/conv-transformer.ts';
import type { ModelShape } from '../catalogue/definition.ts';
import type { Model } from '../model.ts';
import { conv1d } from '../ops/conv1d.ts';
import { gelu } from '../ops/gelu.ts';
import { conv1dWeights, denseWeights } from '../ops/weight-specs.ts';
import { applyDense } from '../ops/apply-layers.ts';
import { classTokenTransformer, classTokenTransformerWeights } from '../transformer/class-token-transformer.ts';

export function createConvTransformer(hyperparameters: ConvTransformerHyperparameters, shape: ModelShape): Model {
  const { windowLength, channelCount, classCount } = shape;
  const { convolutionChannels, kernelSize, embeddingSize, tokens } = hyperparameters;
  const { tokenCount, tokenLength } = tokenGrid(hyperparameters, windowLength);
  const options = { ...hyperparameters, tokenCount, classCount };
  const layers = Array.from({ length: BACKBONE_LAYER_COUNT }, (_, i) => `convolutions.${i}`);
  return {
    family: 'conv-transformer',
    inputShape: [windowLength, channelCount],
    classCount,
    weights: [
      ...layers.flatMap((name, i) =>
        conv1dWeights(name, kernelSize, i === 0 ? channelCount : convolutionChannels, convolutionChannels),
      ),
      ...denseWeights('embedding.projection', tokenLength, embeddingSize, { bias: false }),
      ...classTokenTransformerWeights(options),
    ],
    forward(input, weights, context) {
      let x = input;
      for (const name of layers) {
        const kernel = weights(`${name}.kernel`) as tf.Tensor3D;
        const bias = weights(`${name}.bias`) as tf.Tensor1D;
        x = gelu(conv1d(x, kernel, { bias, padding: 'same', activation: 'none' })); // [B, T, h]
      }
      const grid = tokens === 'channel' ? tf.transpose(x, [0, 2, 1]) : x; // [B, n, length]
      const rows: tf.Tensor2D = tf.reshape(grid, [input.shape[0] * tokenCount, tokenLength]);
      const embeddings = applyDense(rows, weights, 'embedding.projection', { bias: false }); // [B·n, D]
      return classTokenTransformer(embeddings, weights, { options, context });
    },
  };
}
