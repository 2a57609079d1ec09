import type { Plant } from '../plant.ts';
import { metric } from '../statistics.ts';

/**
 * Too few steps: the schedule cut off, a rate too low for the length, or a constant rate over too few epochs. A rate that decays to
 * nothing over too few epochs levels off whatever is left to learn: its curve cannot show it, and it is not planted.
 */
export const stillImproving: Plant = {
  label: 'still-improving',
  plant: (healthy, rng) => {
    const epochs = healthy.configuration['epochs'] as number;
    const kind = rng.integer(3);
    const share = 0.2 + 0.15 * rng.next();
    const few = Math.max(4, Math.round(share * epochs));
    if (kind === 0) {
      return {
        cause: `stopped after ${few} epochs of a schedule of ${epochs}`,
        training: { ...healthy, stopAfterEpochs: few },
      };
    }
    if (kind === 1) {
      const factor = 8 + rng.integer(13);
      const learningRate = (healthy.configuration['learningRate'] as number) / factor;
      return {
        cause: `learning rate ${factor} times too low, constant, for ${epochs} epochs`,
        training: { ...healthy, configuration: { ...healthy.configuration, learningRate, schedule: 'constant' } },
      };
    }
    return {
      cause: `a constant rate for ${few} epochs where ${epochs} are needed`,
      training: {
        ...healthy,
        configuration: { ...healthy.configuration, epochs: few, warmupEpochs: 1, schedule: 'constant' },
      },
    };
  },
  // What more steps would have brought is known from the twin; the detector sees the slope of this run alone.
  statisticName: 'training error at the end',
  statistic: (run) => 1 - (metric(run, 'trainAccuracy').at(-1) ?? Number.NaN),
  atLeast: 0,
  excludes: ['overfitting', 'saturated', 'rising-train-loss', 'periodic', 'spikes-early', 'spikes-late'],
};
