import { createRng } from '@kinetune/study';
import type { Plant } from '../plant.ts';
import { predictionEvenness } from '../statistics.ts';

/** A learning rate that kills every unit, inputs that are all zero, or a sampler that draws hardly anything but one activity. */
export const collapsed: Plant = {
  label: 'collapsed',
  plant: (healthy, rng) => {
    const kind = rng.integer(3);
    if (kind === 0) {
      const learningRate = 0.3 * 10 ** rng.next();
      const normalisation = healthy.family === 'cnn1d' ? { normalisation: 'none' } : {};
      return {
        cause: `a learning rate of ${learningRate.toFixed(2)}, no warm-up, no decay`,
        training: {
          ...healthy,
          configuration: {
            ...healthy.configuration,
            ...normalisation,
            learningRate,
            warmupEpochs: 0,
            schedule: 'constant',
          },
        },
      };
    }
    if (kind === 1) return { cause: 'inputs multiplied by zero', training: { ...healthy, inputScale: 0 } };
    const drawn = rng.integer(6);
    return {
      cause: 'a sampler that draws one activity 99 times of 100',
      training: {
        ...healthy,
        order: ({ labels }, epoch) => {
          const draw = createRng(healthy.seed, 'draws', epoch);
          const wanted = [...labels.keys()].filter((row) => labels[row] === drawn);
          return Int32Array.from(labels, () =>
            draw.next() < 0.99 ? (wanted[draw.integer(wanted.length)] as number) : draw.integer(labels.length),
          );
        },
      },
    };
  },
  // The detector is shown accuracy and macro-F1; the confusion matrix is kept from it in this benchmark.
  statisticName: 'one less the evenness (entropy over its most) of what is predicted at the end',
  statistic: (run) => (run.confusionMatrix === null ? null : 1 - predictionEvenness(run.confusionMatrix)),
  atLeast: 0.9,
  excludes: ['periodic'],
};
