import { createRng, permutation, type Values } from '@kinetune/study';
import type { Plant } from '../plant.ts';
import { mean, metric } from '../statistics.ts';
import type { Family, TrainingRows } from '../training.ts';

const WIDE: Readonly<Record<Family, Values>> = {
  cnn1d: { channels: 40 },
  vit1d: { embeddingSize: 48, mlpSize: 96 },
  'conv-transformer': { convolutionChannels: 24, embeddingSize: 48, mlpSize: 96 },
};

/** A wide model without regularisation or augmentation on one person, or on two with a third of the labels shuffled. */
export const overfitting: Plant = {
  label: 'overfitting',
  plant: (healthy, rng) => {
    // On the watch data a model of one person is bad from the start and hardly gets worse.
    const isShuffled = healthy.recordings === 'watch' || rng.next() < 0.5;
    return {
      cause: `${isShuffled ? 'two people, a third of the labels shuffled' : 'one person'}, a model twice as wide, no regularisation`,
      training: {
        ...healthy,
        trainPeople: isShuffled ? 2 : 1,
        ...(isShuffled ? { rows: withShuffledLabels(healthy.seed) } : {}),
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
    };
  },
  // The detector looks for a lowest point and what comes after it; this compares quarters of training.
  statisticName: 'log of the mean validation loss of the last quarter over that of the lowest quarter',
  statistic: (run) => {
    const losses = metric(run, 'validationLoss');
    const quarters = [0, 1, 2, 3].map((quarter) =>
      losses.slice((quarter * losses.length) / 4, ((quarter + 1) * losses.length) / 4),
    );
    if (losses.length < 4) return null;
    const means = quarters.map(mean);
    return Math.log((means[3] as number) / Math.min(...means));
  },
  atLeast: Math.log(1.05),
  // Spikes are not ruled out: at a rate that never decays, a loss near zero may well jump.
  excludes: ['collapsed', 'rising-train-loss', 'periodic', 'still-improving'],
};

function withShuffledLabels(seed: number): (rows: TrainingRows) => TrainingRows {
  return (rows) => {
    const rng = createRng(seed, 'shuffled labels');
    const other = permutation(rows.labels.length, rng);
    return {
      ...rows,
      labels: rows.labels.map((label, row) =>
        rng.next() < 1 / 3 ? (rows.labels[other[row] as number] as number) : label,
      ),
    };
  };
}
