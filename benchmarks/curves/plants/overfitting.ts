import type { Plant } from '../plant.ts';
import { kendallTau, metric } from '../statistics.ts';

/** A wide model without regularisation or augmentation on two people, for as many steps as the healthy one takes. */
export const overfitting: Plant = {
  label: 'overfitting',
  plant: (healthy, rng) => {
    const wide =
      healthy.family === 'cnn1d' ? { channels: 40 } : { embeddingSize: 48, mlpSize: 96, convolutionChannels: 24 };
    const { convolutionChannels, ...withoutConvolutions } = wide as Record<string, number>;
    const people = 1 + rng.integer(2);
    const isConvolutional = healthy.family === 'conv-transformer';
    return {
      cause: `${people} people, a model twice as wide, no regularisation`,
      training: {
        ...healthy,
        trainPeople: people,
        configuration: {
          ...healthy.configuration,
          ...withoutConvolutions,
          ...(isConvolutional ? { convolutionChannels: convolutionChannels as number } : {}),
          dropout: 0,
          weightDecay: 0,
          labelSmoothing: 0,
          jitter: 0,
          scaling: 0,
          batchSize: 32,
          schedule: rng.next() < 0.5 ? 'constant' : 'cosine',
          epochs: 30 + rng.integer(31),
        },
      },
    };
  },
  // The detector measures how far the loss has risen; this only asks whether it goes up or down in the later two thirds.
  statisticName: 'rank correlation of validation loss and epoch over the last two thirds',
  statistic: (run) => {
    const losses = metric(run, 'validationLoss');
    return kendallTau(losses.slice(Math.floor(losses.length / 3)));
  },
  atLeast: 0.3,
  excludes: ['collapsed', 'rising-train-loss', 'periodic', 'spikes-early', 'spikes-late', 'still-improving'],
};
