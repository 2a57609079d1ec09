/**
 * A pre-norm transformer block (lucidrains vit_1d.py, MIT, at 69d24fe).
 *
 *     x += Attention(LN(x)),   x += MLP(LN(x))
 *
 * B batch, S tokens, Q query tokens (S, or 1 in the last block), D embedding size, H heads of size E, M mlp size.
 */
import * as tf from '@tensorflow/tfjs-core';
import { hasOutputProjection, type TransformerSize } from '../catalogue/transformer-cost.ts';
import type { ForwardContext, WeightLookup, WeightSpec } from '../model.ts';
import { attentionWeights, mergeHeads, splitHeads } from '../ops/attention.ts';
import { takeClassToken } from '../ops/class-token.ts';
import { gelu } from '../ops/gelu.ts';
import { denseWeights, layerNormWeights } from '../ops/weight-specs.ts';
import { applyDense, applyLayerNorm } from '../ops/apply-layers.ts';

export interface BlockOptions extends TransformerSize {
  readonly dropout: number;
}

/** Queries have a kernel of their own, so that the last block can make one for the class token alone; keys and values share one. */
export function blockWeights(name: string, options: BlockOptions): WeightSpec[] {
  const { embeddingSize: D, headCount, headSize, mlpSize: M } = options;
  const inner = headCount * headSize;
  return [
    ...layerNormWeights(`${name}.attention.norm`, D),
    ...denseWeights(`${name}.attention.query`, D, inner, { bias: false }),
    ...denseWeights(`${name}.attention.keyValue`, D, 2 * inner, { bias: false }),
    ...(hasOutputProjection(options) ? denseWeights(`${name}.attention.output`, inner, D) : []),
    ...layerNormWeights(`${name}.mlp.norm`, D),
    ...denseWeights(`${name}.mlp.expand`, D, M),
    ...denseWeights(`${name}.mlp.contract`, M, D),
  ];
}

/**
 * tokens [B·S, D] -> [B·S, D]; with `onlyClassToken` [B, D], the same numbers for the first token of each window without
 * computing the others, which the last block's reader would throw away.
 */
export function transformerBlock(
  tokens: tf.Tensor2D,
  weights: WeightLookup,
  {
    name,
    batchSize,
    options,
    context,
    onlyClassToken,
  }: {
    readonly name: string;
    readonly batchSize: number;
    readonly options: BlockOptions;
    readonly context: ForwardContext;
    readonly onlyClassToken: boolean;
  },
): tf.Tensor2D {
  const { headCount, dropout } = options;
  const normed = applyLayerNorm(tokens, weights, `${name}.attention.norm`);
  const queryTokens = onlyClassToken ? takeClassToken(normed, batchSize) : normed;
  const [q] = splitHeads(applyDense(queryTokens, weights, `${name}.attention.query`, { bias: false }), {
    batchSize,
    headCount,
    parts: 1,
  });
  const [k, v] = splitHeads(applyDense(normed, weights, `${name}.attention.keyValue`, { bias: false }), {
    batchSize,
    headCount,
    parts: 2,
  });
  const attention = context.dropout(attentionWeights(q as tf.Tensor4D, k as tf.Tensor4D), dropout); // [B, H, Q, S]
  const mixed = mergeHeads(tf.matMul(attention, v as tf.Tensor4D)); // [B·Q, H·E]
  const attended = hasOutputProjection(options)
    ? context.dropout(applyDense(mixed, weights, `${name}.attention.output`), dropout)
    : mixed;
  const x = tf.add(onlyClassToken ? takeClassToken(tokens, batchSize) : tokens, attended) as tf.Tensor2D; // [B·Q, D]

  const expanded = gelu(applyDense(applyLayerNorm(x, weights, `${name}.mlp.norm`), weights, `${name}.mlp.expand`));
  const contracted = applyDense(context.dropout(expanded, dropout), weights, `${name}.mlp.contract`);
  return tf.add(x, context.dropout(contracted, dropout));
}
