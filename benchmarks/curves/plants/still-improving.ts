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
  // The detector sees the validation loss and a line through it; this is the training loss.
  statisticName: "share of the training loss's fall that the last quarter of training brought",
  statistic: (run) => {
    const losses = metric(run, 'trainLoss');
    const fall = Math.max(...losses) - Math.min(...losses);
    const before = losses[Math.floor(0.75 * (losses.length - 1))];
    return before === undefined || fall === 0 ? null : (before - (losses.at(-1) as number)) / fall;
  },
  atLeast: 0.06,
  excludes: ['overfitting', 'saturated', 'rising-train-loss', 'periodic', 'spikes-early', 'spikes-late'],
};
