import type { Plant } from '../plant.ts';
import { meanStep, metric } from '../statistics.ts';

/** A learning rate several times too high that never decays, in small batches for half of the runs. */
export const lateNoise: Plant = {
  label: 'late-noise',
  plant: (healthy, rng) => {
    const factor = 5 + rng.integer(8);
    const batchSize = rng.next() < 0.5 ? 16 : (healthy.configuration['batchSize'] as number);
    return {
      cause: `learning rate ${factor} times too high, never decayed, batches of ${batchSize}`,
      training: {
        ...healthy,
        configuration: {
          ...healthy.configuration,
          learningRate: factor * (healthy.configuration['learningRate'] as number),
          schedule: 'constant',
          batchSize,
          epochs: Math.max(12, healthy.configuration['epochs'] as number),
        },
      },
    };
  },
  // The detector takes the spread about a trend, of loss and accuracy; this the mean size of a step, of macro-F1.
  statisticName: 'mean change of validation macro-F1 between evaluations over the last third',
  statistic: (run) => {
    const scores = metric(run, 'validationMacroF1');
    return meanStep(scores.slice(Math.floor((2 * scores.length) / 3)));
  },
  atLeast: 0.02,
  excludes: ['periodic'],
};
