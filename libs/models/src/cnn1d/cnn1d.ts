/**
 * A one-dimensional convolutional network; with `layers: 160x12,128x10,96x8,64x6` and `padding: valid` the baseline of the
 * original study (Kaggle, paulopinheiro).
 *
 *     each layer: conv1d, [layer norm over channels,] ReLU        [B, T, C] -> [B, T', c]
 *     -> pool over time -> dropout -> dense                       [B, c] -> [B, K]
 */
import * as tf from '@tensorflow/tfjs-core';
import { convolutionLayers, type Cnn1dHyperparameters } from '../catalogue/cnn1d.ts';
import type { ModelShape } from '../catalogue/definition.ts';
import type { Model, WeightLookup, WeightSpec } from '../model.ts';
import { conv1d } from '../ops/conv1d.ts';
import { poolTime } from '../ops/pool-time.ts';
import { relu } from '../ops/relu.ts';
import { conv1dWeights, denseWeights, layerNormWeights } from '../ops/weight-specs.ts';
import { applyDense, applyLayerNorm } from '../ops/apply-layers.ts';

export function createCnn1d(hyperparameters: Cnn1dHyperparameters, shape: ModelShape): Model {
  const { windowLength, channelCount, classCount } = shape;
  const { padding, normalisation, pooling, dropout } = hyperparameters;
  const layers = convolutionLayers(hyperparameters);
  const inputSizes = [channelCount, ...layers.map(({ channels }) => channels)];

  const layerWeights = layers.flatMap(({ channels, kernelSize }, i): WeightSpec[] => [
    ...conv1dWeights(`convolutions.${i}`, kernelSize, inputSizes[i] as number, channels),
    ...(normalisation === 'layer' ? layerNormWeights(`convolutions.${i}.norm`, channels) : []),
  ]);

  const layer = (x: tf.Tensor3D, weights: WeightLookup, name: string): tf.Tensor3D => {
    const kernel = weights(`${name}.kernel`) as tf.Tensor3D;
    const bias = weights(`${name}.bias`) as tf.Tensor1D;
    if (normalisation === 'none') return conv1d(x, kernel, { bias, padding, activation: 'relu' });
    const linear = conv1d(x, kernel, { bias, padding, activation: 'none' });
    const [batchSize, length, channels] = linear.shape;
    const rows: tf.Tensor2D = tf.reshape(linear, [batchSize * length, channels]);
    return tf.reshape(relu(applyLayerNorm(rows, weights, `${name}.norm`)), [batchSize, length, channels]);
  };

  return {
    family: 'cnn1d',
    inputShape: [windowLength, channelCount],
    classCount,
    weights: [...layerWeights, ...denseWeights('head.output', inputSizes.at(-1) as number, classCount)],
    forward(input, weights, context) {
      let x = input;
      for (let i = 0; i < layers.length; i++) x = layer(x, weights, `convolutions.${i}`);
      const pooled = context.dropout(poolTime(x, pooling), dropout); // [B, c]
      return applyDense(pooled, weights, 'head.output');
    },
  };
}
