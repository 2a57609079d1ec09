/** From token embeddings to logits: class token, positions, blocks, and a head on the class token. */
import * as tf from '@tensorflow/tfjs-core';
import type { ForwardContext, WeightLookup, WeightSpec } from '../model.ts';
import { prependClassToken } from '../ops/class-token.ts';
import { denseWeights, embeddingWeight, layerNormWeights } from '../ops/weight-specs.ts';
import { applyDense, applyLayerNorm } from '../ops/apply-layers.ts';
import { blockWeights, transformerBlock, type BlockOptions } from './transformer-block.ts';

// B batch, N tokens, D embedding size, K classes.

export interface ClassTokenTransformerOptions extends BlockOptions {
  /** Tokens without the class token. */
  readonly tokenCount: number;
  readonly classCount: number;
  readonly embeddingDropout: number;
}

export function classTokenTransformerWeights(options: ClassTokenTransformerOptions): WeightSpec[] {
  const { tokenCount, embeddingSize, blockCount, classCount } = options;
  return [
    embeddingWeight('embedding.classToken', [embeddingSize]),
    embeddingWeight('embedding.positions', [tokenCount + 1, embeddingSize]),
    ...Array.from({ length: blockCount }, (_, i) => blockWeights(`blocks.${i}`, options)).flat(),
    ...layerNormWeights('head.norm', embeddingSize),
    ...denseWeights('head.output', embeddingSize, classCount),
  ];
}

/** Token embeddings [B·N, D] to logits [B, K]. */
export function classTokenTransformer(
  embeddings: tf.Tensor2D,
  weights: WeightLookup,
  { options, context }: { readonly options: ClassTokenTransformerOptions; readonly context: ForwardContext },
): tf.Tensor2D {
  const { tokenCount, embeddingSize, blockCount } = options;
  const batchSize = embeddings.shape[0] / tokenCount;
  const withClassToken = prependClassToken(
    tf.reshape(embeddings, [batchSize, tokenCount, embeddingSize]),
    weights('embedding.classToken') as tf.Tensor1D,
    weights('embedding.positions') as tf.Tensor2D,
  ); // [B, N+1, D]
  const dropped = context.dropout(withClassToken, options.embeddingDropout);
  let x: tf.Tensor2D = tf.reshape(dropped, [batchSize * (tokenCount + 1), embeddingSize]);
  for (let i = 0; i < blockCount; i++) {
    x = transformerBlock(x, weights, {
      name: `blocks.${i}`,
      batchSize,
      options,
      context,
      onlyClassToken: i === blockCount - 1,
    });
  }
  return applyDense(applyLayerNorm(x, weights, 'head.norm'), weights, 'head.output'); // [B, K]
}
