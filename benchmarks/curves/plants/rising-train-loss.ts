import { createRng } from '@kinetune/study';
import type { Plant } from '../plant.ts';
import { mean, metric } from '../statistics.ts';
import { shuffled, type Training, type TrainingRows } from '../training.ts';

/** A bug that grows: a pipeline that mixes up ever more labels, or ever more windows, or a schedule that multiplies instead of divides. */
export const risingTrainLoss: Plant = {
  label: 'rising-train-loss',
  plant: (healthy, rng) => {
    const kind = rng.integer(3);
    const start = 0.15 + 0.25 * rng.next();
    const configuration = { ...healthy.configuration, epochs: Math.max(10, healthy.configuration['epochs'] as number) };
    const base = { ...healthy, configuration };
    if (kind === 0) {
      const most = 0.6 + 0.4 * rng.next();
      return {
        cause: `labels mixed up, from ${percent(start)} of training on, for a share that grows to ${percent(most)}`,
        training: withGrowingMix(base, { start, most, mix: withRandomLabels }),
      };
    }
    if (kind === 1) {
      const most = 0.7 + 0.3 * rng.next();
      return {
        cause: `windows replaced by noise, from ${percent(start)} of training on, for a share that grows to ${percent(most)}`,
        training: withGrowingMix(base, { start, most, mix: withNoise }),
      };
    }
    const growth = 100 + 200 * rng.next();
    const total = configuration.epochs;
    return {
      cause: `a learning rate that grows ${Math.round(growth)} times over training`,
      training: {
        ...base,
        configuration: { ...configuration, schedule: 'constant' },
        learningRate: (rate, { step, stepsPerEpoch }) => rate * growth ** (step / (total * stepsPerEpoch)),
      },
    };
  },
  // The detector follows the loss; this is the accuracy.
  statisticName: 'fall of training accuracy from its best epoch to the last quarter',
  statistic: (run) => {
    const scores = metric(run, 'trainAccuracy');
    return Math.max(...scores) - mean(scores.slice(Math.floor(0.75 * scores.length)));
  },
  atLeast: 0.1,
  excludes: ['saturated', 'overfitting', 'still-improving', 'periodic'],
};

interface Mix {
  /** Part of training at which it begins, and the share of rows that it reaches at the end. */
  readonly start: number;
  readonly most: number;
  readonly mix: (rows: TrainingRows, options: { readonly seed: number; readonly classCount: number }) => TrainingRows;
}

/** Spoilt copies follow the rows; an epoch takes a growing share of its rows from them. */
function withGrowingMix(training: Training, { start, most, mix }: Mix): Training {
  const { seed } = training;
  const total = training.configuration['epochs'] as number;
  return {
    ...training,
    rows: (rows, classCount) => {
      const spoilt = mix(rows, { seed, classCount });
      return {
        samples: joined(rows.samples, spoilt.samples),
        labels: Int32Array.from([...rows.labels, ...spoilt.labels]),
        subjects: Int32Array.from([...rows.subjects, ...spoilt.subjects]),
      };
    },
    order: (rows, epoch) => {
      const count = rows.labels.length / 2;
      const share = most * Math.max(0, (epoch / (total - 1) - start) / (1 - start));
      const rng = createRng(seed, 'mix', epoch);
      return shuffled(seed, count, epoch).map((row) => (rng.next() < share ? count + row : row));
    },
  };
}

const withRandomLabels: Mix['mix'] = (rows, { seed, classCount }) => {
  const rng = createRng(seed, 'random labels');
  return { ...rows, labels: rows.labels.map(() => rng.integer(classCount)) };
};

const withNoise: Mix['mix'] = (rows, { seed }) => {
  const rng = createRng(seed, 'noise');
  return { ...rows, samples: rows.samples.map(() => rng.normal()) };
};

function joined(first: Float32Array, second: Float32Array): Float32Array {
  const all = new Float32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
