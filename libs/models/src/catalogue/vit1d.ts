import type { HyperparameterDefinition, ModelFamily } from './definition.ts';
import {
  transformerHyperparameters,
  transformerOperations,
  transformerWeightCount,
  type TransformerSize,
} from './transformer-cost.ts';
import { shapeProblems, valueProblems, withDefaults } from './values.ts';

export interface Vit1dHyperparameters extends TransformerSize {
  readonly patchSize: number;
  readonly dropout: number;
  readonly embeddingDropout: number;
}

const hyperparameters: readonly HyperparameterDefinition[] = [
  {
    name: 'patchSize',
    kind: 'architecture',
    domain: { type: 'int', minimum: 1, maximum: 4096, scale: 'log' },
    default: 8,
    search: { type: 'categorical', choices: [4, 8, 16] },
    unit: 'samples',
    description: 'Samples in a patch; the window length must be a multiple of it. One patch becomes one token.',
    originalName: 'patch_size',
  },
  ...transformerHyperparameters,
];

/** Typed values with defaults. Call `vit1d.validate` first where they come from people. */
export function vit1dHyperparameters(values: Parameters<ModelFamily['weightCount']>[0]): Vit1dHyperparameters {
  return withDefaults(hyperparameters, values) as unknown as Vit1dHyperparameters;
}

export const vit1d: ModelFamily = {
  name: 'vit1d',
  title: '1D vision transformer',
  description: 'Cuts a window into patches, embeds each as a token and reads the class token (lucidrains vit_1d).',
  hyperparameters,
  weightCount(values, { windowLength, channelCount, classCount }) {
    const chosen = vit1dHyperparameters(values);
    const patch = chosen.patchSize * channelCount;
    const D = chosen.embeddingSize;
    const embedding = 2 * patch + (patch * D + D) + 2 * D;
    return embedding + transformerWeightCount(chosen, windowLength / chosen.patchSize + 1, classCount);
  },
  floatingPointOperationsPerWindow(values, { windowLength, channelCount, classCount }) {
    const chosen = vit1dHyperparameters(values);
    const patchCount = windowLength / chosen.patchSize;
    const embedding = 2 * patchCount * chosen.patchSize * channelCount * chosen.embeddingSize;
    return embedding + transformerOperations(chosen, patchCount + 1, classCount);
  },
  validate(values, shape) {
    const problems = [...valueProblems(hyperparameters, values), ...shapeProblems(shape)];
    if (problems.length > 0) return problems;
    const { patchSize } = vit1dHyperparameters(values);
    if (shape.windowLength % patchSize === 0) return [];
    return [
      `patchSize must divide the window length of ${shape.windowLength} samples, got ${patchSize}; ` +
        `divisors are ${divisors(shape.windowLength).join(', ')}`,
    ];
  },
};

function divisors(value: number): number[] {
  return Array.from({ length: value }, (_, i) => i + 1).filter((candidate) => value % candidate === 0);
}
