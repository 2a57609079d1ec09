import type { HyperparameterDefinition, ModelFamily, ModelShape } from './definition.ts';
import {
  transformerHyperparameters,
  transformerOperations,
  transformerWeightCount,
  type TransformerSize,
} from './transformer-cost.ts';
import { shapeProblems, valueProblems, withDefaults } from './values.ts';

export const TOKEN_AXES = ['channel', 'time'] as const;
export type TokenAxis = (typeof TOKEN_AXES)[number];

/** Convolutions of the backbone; fixed in the original and in its ancestor. */
export const BACKBONE_LAYER_COUNT = 4;

export interface ConvTransformerHyperparameters extends TransformerSize {
  readonly convolutionChannels: number;
  readonly kernelSize: number;
  readonly tokens: TokenAxis;
  readonly dropout: number;
  readonly embeddingDropout: number;
}

const hyperparameters: readonly HyperparameterDefinition[] = [
  {
    name: 'convolutionChannels',
    kind: 'architecture',
    domain: { type: 'int', minimum: 1, maximum: 1024, scale: 'log' },
    default: 16,
    search: { type: 'int', minimum: 4, maximum: 64, scale: 'log' },
    description: 'Channels of each of the four convolutions; with channel tokens also the number of tokens.',
    originalName: 'hidden_ch',
  },
  {
    name: 'kernelSize',
    kind: 'architecture',
    domain: { type: 'int', minimum: 1, maximum: 255, scale: 'linear' },
    default: 1,
    search: { type: 'int', minimum: 1, maximum: 15, scale: 'linear', step: 2 },
    unit: 'samples',
    description:
      'Kernel of the convolutions, padded to keep the length. 1 is the original: channels are mixed, time is not.',
  },
  {
    name: 'tokens',
    kind: 'architecture',
    domain: { type: 'categorical', choices: TOKEN_AXES },
    default: 'channel',
    search: { type: 'categorical', choices: TOKEN_AXES },
    description:
      'channel: a token is one convolution channel over the whole window (the original). time: a token is one time step.',
  },
  ...transformerHyperparameters,
];

/** Typed values with defaults. Call `convTransformer.validate` first where they come from people. */
export function convTransformerHyperparameters(
  values: Parameters<ModelFamily['weightCount']>[0],
): ConvTransformerHyperparameters {
  return withDefaults(hyperparameters, values) as unknown as ConvTransformerHyperparameters;
}

/** How many tokens the backbone gives, without the class token, and how long each is. */
export function tokenGrid(
  { tokens, convolutionChannels }: ConvTransformerHyperparameters,
  windowLength: number,
): { readonly tokenCount: number; readonly tokenLength: number } {
  if (tokens === 'channel') return { tokenCount: convolutionChannels, tokenLength: windowLength };
  return { tokenCount: windowLength, tokenLength: convolutionChannels };
}

export const convTransformer: ModelFamily = {
  name: 'conv-transformer',
  title: 'Convolutional transformer',
  description: 'Four convolutions with GELU, whose channels (or time steps) become the tokens of a transformer.',
  hyperparameters,
  weightCount(values, shape) {
    const chosen = convTransformerHyperparameters(values);
    const { tokenCount, tokenLength } = tokenGrid(chosen, shape.windowLength);
    const convolutions = inputSizes(chosen, shape)
      .map((inputSize) => (chosen.kernelSize * inputSize + 1) * chosen.convolutionChannels)
      .reduce((sum, count) => sum + count);
    const projection = tokenLength * chosen.embeddingSize;
    return convolutions + projection + transformerWeightCount(chosen, tokenCount + 1, shape.classCount);
  },
  floatingPointOperationsPerWindow(values, shape) {
    const chosen = convTransformerHyperparameters(values);
    const { tokenCount, tokenLength } = tokenGrid(chosen, shape.windowLength);
    const convolutions = inputSizes(chosen, shape)
      .map((inputSize) => 2 * shape.windowLength * chosen.kernelSize * inputSize * chosen.convolutionChannels)
      .reduce((sum, count) => sum + count);
    const projection = 2 * tokenCount * tokenLength * chosen.embeddingSize;
    return convolutions + projection + transformerOperations(chosen, tokenCount + 1, shape.classCount);
  },
  validate(values, shape) {
    return [...valueProblems(hyperparameters, values), ...shapeProblems(shape)];
  },
};

function inputSizes({ convolutionChannels }: ConvTransformerHyperparameters, { channelCount }: ModelShape): number[] {
  return Array.from({ length: BACKBONE_LAYER_COUNT }, (_, i) => (i === 0 ? channelCount : convolutionChannels));
}
