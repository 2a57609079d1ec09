/**
 * Weights and cost of what the two transformers share, in closed form.
 * D embedding size, I = heads x head size, M mlp size, L blocks, S tokens with the class token, K classes.
 */
import type { HyperparameterDefinition } from './definition.ts';

export interface TransformerSize {
  readonly embeddingSize: number;
  readonly blockCount: number;
  readonly headCount: number;
  readonly headSize: number;
  readonly mlpSize: number;
}

/** Class token, positions, blocks and head: everything after the tokens. */
export function transformerWeightCount(size: TransformerSize, tokenCount: number, classCount: number): number {
  const { embeddingSize: D, blockCount: L, mlpSize: M } = size;
  const I = size.headCount * size.headSize;
  const output = hasOutputProjection(size) ? I * D + D : 0;
  const block = 2 * D + 3 * D * I + output + 2 * D + (D * M + M) + (M * D + D);
  return D + tokenCount * D + L * block + 2 * D + (D * classCount + classCount);
}

/** The last block works for the class token alone, whose output is all that is read; its keys and values need every token. */
export function transformerOperations(size: TransformerSize, tokenCount: number, classCount: number): number {
  const { embeddingSize: D, blockCount: L, mlpSize: M } = size;
  const I = size.headCount * size.headSize;
  const perQuery = D * I + 2 * tokenCount * I + (hasOutputProjection(size) ? I * D : 0) + 2 * D * M;
  const block = (queryCount: number): number => queryCount * perQuery + tokenCount * 2 * D * I;
  return 2 * ((L - 1) * block(tokenCount) + block(1) + D * classCount);
}

/** Whether attention ends in a linear layer: not where one head already has the embedding's size (lucidrains' vit_1d). */
export function hasOutputProjection({ headCount, headSize, embeddingSize }: TransformerSize): boolean {
  return !(headCount === 1 && headSize === embeddingSize);
}

/** The hyperparameters of the blocks, with the original study's names. */
export const transformerHyperparameters: readonly HyperparameterDefinition[] = [
  {
    name: 'embeddingSize',
    kind: 'architecture',
    domain: { type: 'int', minimum: 1, maximum: 8192, scale: 'log' },
    default: 64,
    search: { type: 'categorical', choices: [32, 64, 128, 256] },
    description: 'Size of a token. It need not be a multiple of headCount: heads have their own size.',
    originalName: 'dim (vit1d), hidden_dim (conv-transformer)',
  },
  {
    name: 'blockCount',
    kind: 'architecture',
    domain: { type: 'int', minimum: 1, maximum: 64, scale: 'linear' },
    default: 3,
    search: { type: 'int', minimum: 1, maximum: 8, scale: 'linear' },
    description: 'Transformer blocks, each attention and an MLP with layer normalisation before it.',
    originalName: 'depth',
  },
  {
    name: 'headCount',
    kind: 'architecture',
    domain: { type: 'int', minimum: 1, maximum: 64, scale: 'linear' },
    default: 4,
    search: { type: 'int', minimum: 1, maximum: 12, scale: 'linear' },
    description: 'Attention heads, each of headSize.',
    originalName: 'heads',
  },
  {
    name: 'headSize',
    kind: 'architecture',
    domain: { type: 'int', minimum: 1, maximum: 1024, scale: 'log' },
    default: 64,
    search: { type: 'categorical', choices: [16, 32, 64] },
    description: 'Size of a head; the original fixes it at 64 whatever the embedding size.',
    originalName: 'dim_head',
  },
  {
    name: 'mlpSize',
    kind: 'architecture',
    domain: { type: 'int', minimum: 1, maximum: 32768, scale: 'log' },
    default: 128,
    search: { type: 'int', minimum: 64, maximum: 1024, scale: 'log' },
    description: "Hidden size of a block's MLP.",
    originalName: 'mlp_dim',
  },
  {
    name: 'dropout',
    kind: 'regulariser',
    domain: { type: 'float', minimum: 0, maximum: 0.95, scale: 'linear' },
    default: 0.1,
    search: { type: 'float', minimum: 0, maximum: 0.5, scale: 'linear' },
    description: 'Share of attention weights, attention outputs and MLP activations dropped in training.',
    originalName: 'dropout',
  },
  {
    name: 'embeddingDropout',
    kind: 'regulariser',
    domain: { type: 'float', minimum: 0, maximum: 0.95, scale: 'linear' },
    default: 0,
    search: { type: 'float', minimum: 0, maximum: 0.5, scale: 'linear' },
    description: 'Share of the token embeddings dropped in training, before the first block.',
    originalName: 'emb_dropout',
  },
];
