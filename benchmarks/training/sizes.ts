/** What is timed: the four vision transformers of the published table, and the original study's best two others. */

export interface Size {
  readonly name: string;
  readonly family: 'vit1d' | 'conv-transformer' | 'cnn1d';
  /** Hyperparameters under the catalogue's names. */
  readonly values: Readonly<Record<string, number | string>>;
  readonly windowLength: number;
  readonly channelCount: number;
  /** Ours must reach this ratio, PyTorch's best step time divided by ours. */
  readonly bar: number;
  /** Steps in one timed block: about a second. */
  readonly blockSteps: number;
}

const dropouts = { dropout: 0.1, embeddingDropout: 0.1 };

export const sizes: readonly Size[] = [
  {
    name: 'vit1d-19k',
    family: 'vit1d',
    values: { patchSize: 8, embeddingSize: 32, blockCount: 2, headCount: 2, headSize: 16, mlpSize: 64, ...dropouts },
    windowLength: 128,
    channelCount: 6,
    bar: 1,
    blockSteps: 80,
  },
  {
    name: 'vit1d-252k',
    family: 'vit1d',
    values: { patchSize: 8, embeddingSize: 64, blockCount: 3, headCount: 4, headSize: 64, mlpSize: 128, ...dropouts },
    windowLength: 128,
    channelCount: 6,
    bar: 1,
    blockSteps: 20,
  },
  {
    name: 'vit1d-538k',
    family: 'vit1d',
    values: { patchSize: 8, embeddingSize: 128, blockCount: 4, headCount: 4, headSize: 32, mlpSize: 256, ...dropouts },
    windowLength: 128,
    channelCount: 6,
    bar: 1,
    blockSteps: 16,
  },
  {
    name: 'vit1d-10m',
    family: 'vit1d',
    values: {
      patchSize: 8,
      embeddingSize: 256,
      blockCount: 6,
      headCount: 10,
      headSize: 64,
      mlpSize: 2048,
      ...dropouts,
    },
    windowLength: 80,
    channelCount: 3,
    bar: 0.9,
    blockSteps: 4,
  },
  {
    name: 'conv-transformer-6m',
    family: 'conv-transformer',
    values: {
      convolutionChannels: 8,
      embeddingSize: 1024,
      blockCount: 3,
      headCount: 6,
      headSize: 64,
      mlpSize: 256,
      ...dropouts,
    },
    windowLength: 80,
    channelCount: 3,
    bar: 0.9,
    blockSteps: 6,
  },
  {
    name: 'cnn1d-347k',
    family: 'cnn1d',
    values: { layers: '160x12,128x10,96x8,64x6', dropout: 0.5 },
    windowLength: 80,
    channelCount: 3,
    bar: 0.9,
    blockSteps: 8,
  },
];
