import type { Plant } from '../plant.ts';
import { meanStep, metric } from '../statistics.ts';

/** A learning rate many times too high that never decays, in small batches. */
export const lateNoise: Plant = {
  label: 'late-noise',
  plant: (healthy, rng) => {
    // The convolutional transformer does not learn at all at rates that make the others noisy.
    const factor = healthy.family === 'conv-transformer' ? 3 + rng.integer(3) : 8 + rng.integer(9);
    return {
      cause: `learning rate ${factor} times too high, never decayed, batches of 16`,
      training: {
        ...healthy,
        configuration: {
          ...healthy.configuration,
          learningRate: factor * (healthy.configuration['learningRate'] as number),
          schedule: 'constant',
          batchSize: 16,
          epochs: Math.max(12, healthy.configuration['epochs'] as number),
        },
      },
    };
  },
  // The detector takes second differences, without the largest, of loss and accuracy too; this the plain mean size of a step.
  statisticName: 'mean change of validation macro-F1 between evaluations over the last third',
  statistic: (run) => {
    const scores = metric(run, 'validationMacroF1');
    return meanStep(scores.slice(Math.floor((2 * scores.length) / 3)));
  },
  atLeast: 0.02,
  excludes: ['periodic'],
};
