import type { HyperparameterDefinition, ModelFamily, ModelShape } from './definition.ts';
import { shapeProblems, valueProblems, withDefaults } from './values.ts';

/** The baseline of the original study: kernels of four layers, no padding, global maximum, dropout 0.5. */
export const ORIGINAL_CNN_LAYERS = '160x12,128x10,96x8,64x6';

export interface Cnn1dHyperparameters {
  readonly layers: string;
  readonly channels: number;
  readonly channelGrowth: number;
  readonly kernelSize: number;
  readonly layerCount: number;
  readonly padding: 'valid' | 'same';
  readonly normalisation: 'none' | 'layer';
  readonly pooling: 'max' | 'mean';
  readonly dropout: number;
}

/** One convolution: output channels and kernel size. */
export interface ConvolutionLayer {
  readonly channels: number;
  readonly kernelSize: number;
}

const hyperparameters: readonly HyperparameterDefinition[] = [
  {
    name: 'layers',
    kind: 'architecture',
    domain: {
      type: 'text',
      pattern: '|[1-9]\\d{0,4}x[1-9]\\d{0,2}(,[1-9]\\d{0,4}x[1-9]\\d{0,2}){0,31}',
      example: ORIGINAL_CNN_LAYERS,
    },
    default: '',
    description:
      'Every layer as channels x kernel size, in order. Empty: layers follow from channels, channelGrowth, kernelSize and layerCount.',
  },
  {
    name: 'channels',
    kind: 'architecture',
    domain: { type: 'int', minimum: 1, maximum: 4096, scale: 'log' },
    default: 64,
    search: { type: 'int', minimum: 16, maximum: 128, scale: 'log' },
    description: 'Channels of the first convolution.',
  },
  {
    name: 'channelGrowth',
    kind: 'architecture',
    domain: { type: 'float', minimum: 0.25, maximum: 4, scale: 'log' },
    default: 1.4,
    search: { type: 'float', minimum: 0.7, maximum: 2, scale: 'log' },
    description: 'Each further convolution has this many times the channels of the one before, rounded.',
  },
  {
    name: 'kernelSize',
    kind: 'architecture',
    domain: { type: 'int', minimum: 1, maximum: 255, scale: 'linear' },
    default: 5,
    search: { type: 'int', minimum: 3, maximum: 13, scale: 'linear', step: 2 },
    unit: 'samples',
    description: 'Kernel of every convolution.',
  },
  {
    name: 'layerCount',
    kind: 'architecture',
    domain: { type: 'int', minimum: 1, maximum: 32, scale: 'linear' },
    default: 3,
    search: { type: 'int', minimum: 1, maximum: 5, scale: 'linear' },
    description: 'Convolutions, each followed by ReLU.',
  },
  {
    name: 'padding',
    kind: 'architecture',
    domain: { type: 'categorical', choices: ['valid', 'same'] },
    default: 'valid',
    description:
      'valid: no padding, each layer shortens the window by its kernel size less one. same: zeros keep the length.',
  },
  {
    name: 'normalisation',
    kind: 'architecture',
    domain: { type: 'categorical', choices: ['none', 'layer'] },
    default: 'none',
    search: { type: 'categorical', choices: ['none', 'layer'] },
    description: 'layer: layer normalisation over the channels of each time step, between convolution and ReLU.',
  },
  {
    name: 'pooling',
    kind: 'architecture',
    domain: { type: 'categorical', choices: ['max', 'mean'] },
    default: 'max',
    search: { type: 'categorical', choices: ['max', 'mean'] },
    description: 'How time is summarised before the last dense layer.',
  },
  {
    name: 'dropout',
    kind: 'regulariser',
    domain: { type: 'float', minimum: 0, maximum: 0.95, scale: 'linear' },
    default: 0.5,
    search: { type: 'float', minimum: 0, maximum: 0.7, scale: 'linear' },
    description: 'Share of the pooled features dropped in training.',
    originalName: 'dropout',
  },
];

/** Typed values with defaults. Call `cnn1d.validate` first where they come from people. */
export function cnn1dHyperparameters(values: Parameters<ModelFamily['weightCount']>[0]): Cnn1dHyperparameters {
  return withDefaults(hyperparameters, values) as unknown as Cnn1dHyperparameters;
}

/** The convolutions in order: those that `layers` lists, else those that the numbers give. */
export function convolutionLayers(chosen: Cnn1dHyperparameters): readonly ConvolutionLayer[] {
  if (chosen.layers !== '') {
    return chosen.layers.split(',').map((layer) => {
      const [channels, kernelSize] = layer.split('x').map(Number) as [number, number];
      return { channels, kernelSize };
    });
  }
  const { channels, channelGrowth, kernelSize, layerCount } = chosen;
  return Array.from({ length: layerCount }, (_, i) => ({
    channels: Math.max(1, Math.round(channels * channelGrowth ** i)),
    kernelSize,
  }));
}

export const cnn1d: ModelFamily = {
  name: 'cnn1d',
  title: '1D convolutional network',
  description: 'Convolutions with ReLU, pooled over time, dropout and a dense layer.',
  hyperparameters,
  weightCount(values, { channelCount, classCount }) {
    const chosen = cnn1dHyperparameters(values);
    let inputSize = channelCount;
    let count = 0;
    for (const { channels, kernelSize } of convolutionLayers(chosen)) {
      count += (kernelSize * inputSize + 1) * channels + (chosen.normalisation === 'layer' ? 2 * channels : 0);
      inputSize = channels;
    }
    return count + (inputSize + 1) * classCount;
  },
  floatingPointOperationsPerWindow(values, { windowLength, channelCount, classCount }) {
    const chosen = cnn1dHyperparameters(values);
    let inputSize = channelCount;
    let length = windowLength;
    let count = 0;
    for (const { channels, kernelSize } of convolutionLayers(chosen)) {
      if (chosen.padding === 'valid') length -= kernelSize - 1;
      count += 2 * length * kernelSize * inputSize * channels;
      inputSize = channels;
    }
    return count + 2 * inputSize * classCount;
  },
  validate(values, shape) {
    const problems = [...valueProblems(hyperparameters, values), ...shapeProblems(shape)];
    return problems.length > 0 ? problems : lengthProblems(cnn1dHyperparameters(values), shape);
  },
};

function lengthProblems(chosen: Cnn1dHyperparameters, { windowLength }: ModelShape): readonly string[] {
  if (chosen.padding === 'same') return [];
  const needed = 1 + convolutionLayers(chosen).reduce((sum, { kernelSize }) => sum + kernelSize - 1, 0);
  if (needed <= windowLength) return [];
  return [
    `without padding the convolutions need a window of at least ${needed} samples, got ${windowLength}; ` +
      'use smaller kernels, fewer layers or padding "same"',
  ];
}
