import { createModel } from '../create-model.ts';
import { modelFamilies } from '../catalogue/index.ts';
import { describeEngine } from '../testing/describe-engine.ts';

const shape = { windowLength: 32, channelCount: 3, classCount: 4 };

/** Small enough to run op by op; a family not named here trains at its defaults. */
const values: Readonly<Record<string, Readonly<Record<string, number | string>>>> = {
  vit1d: {
    patchSize: 8,
    embeddingSize: 16,
    blockCount: 2,
    headCount: 2,
    headSize: 8,
    mlpSize: 32,
    dropout: 0.2,
    embeddingDropout: 0.1,
  },
  'conv-transformer': {
    embeddingSize: 16,
    blockCount: 2,
    headCount: 2,
    headSize: 8,
    mlpSize: 32,
    convolutionChannels: 4,
    dropout: 0.2,
    embeddingDropout: 0.1,
  },
  cnn1d: { layers: '8x5,8x3', dropout: 0.3 },
};

for (const { name: family } of modelFamilies) {
  describeEngine(family, () => ({
    model: createModel(family, values[family] ?? {}, shape),
    classCount: shape.classCount,
    optimizer: { type: 'adamw', weightDecay: 0.05 },
    loss: { labelSmoothing: 0.1, classWeights: [1, 2, 0.5, 1] },
    clipNorm: 1,
    averageDecay: 0.9,
  }));
}
