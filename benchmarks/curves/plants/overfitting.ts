import type { Values } from '@kinetune/study';
import type { Plant } from '../plant.ts';
import { kendallTau, metric } from '../statistics.ts';
import type { Family } from '../training.ts';

const WIDE: Readonly<Record<Family, Values>> = {
  cnn1d: { channels: 40 },
  vit1d: { embeddingSize: 48, mlpSize: 96 },
  'conv-transformer': { convolutionChannels: 24, embeddingSize: 48, mlpSize: 96 },
};

/** A wide model without regularisation or augmentation on one person. */
export const overfitting: Plant = {
  label: 'overfitting',
  plant: (healthy, rng) => ({
    cause: 'one person, a model twice as wide, no regularisation',
    training: {
      ...healthy,
      trainPeople: 1,
      configuration: {
        ...healthy.configuration,
        ...WIDE[healthy.family],
        dropout: 0,
        weightDecay: 0,
        labelSmoothing: 0,
        jitter: 0,
        scaling: 0,
        batchSize: 32,
        schedule: rng.next() < 0.5 ? 'constant' : 'cosine',
        epochs: 40 + rng.integer(21),
      },
    },
  }),
  // The detector measures how far the loss has risen; this only asks whether it goes up or down in the later two thirds.
  statisticName: 'rank correlation of validation loss and epoch over the last two thirds',
  statistic: (run) => {
    const losses = metric(run, 'validationLoss');
    return kendallTau(losses.slice(Math.floor(losses.length / 3)));
  },
  atLeast: 0.3,
  excludes: ['collapsed', 'rising-train-loss', 'periodic', 'spikes-early', 'spikes-late', 'still-improving'],
};
