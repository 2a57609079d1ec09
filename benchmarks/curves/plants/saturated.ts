import type { Plant } from '../plant.ts';
import { metric } from '../statistics.ts';

/** Far too many epochs, under a schedule as long as they, or one that has long ended. */
export const saturated: Plant = {
  label: 'saturated',
  plant: (healthy, rng) => {
    const epochs = healthy.configuration['epochs'] as number;
    const factor = 4 + rng.integer(2);
    const total = Math.min(90, factor * epochs);
    if (rng.next() < 0.5) {
      return {
        cause: `${total} epochs where ${epochs} are enough`,
        training: { ...healthy, configuration: { ...healthy.configuration, epochs: total } },
      };
    }
    const floor = 0.02 * (healthy.configuration['learningRate'] as number);
    return {
      cause: `trained on to ${total} epochs after a schedule of ${epochs}`,
      training: {
        ...healthy,
        configuration: { ...healthy.configuration, epochs: total, schedule: 'constant' },
        learningRate: (rate, { step, stepsPerEpoch }) =>
          Math.max(floor, 0.5 * rate * (1 + Math.cos(Math.PI * Math.min(1, step / (epochs * stepsPerEpoch))))),
      },
    };
  },
  // The detector looks at validation; this at training.
  statisticName: 'share of training after 90 % of the fall of the training loss',
  statistic: (run) => {
    const losses = metric(run, 'trainLoss');
    const [first] = losses;
    if (first === undefined) return null;
    const target = first - 0.9 * (first - Math.min(...losses));
    return 1 - losses.findIndex((loss) => loss <= target) / losses.length;
  },
  atLeast: 0.5,
  excludes: [
    'still-improving',
    'late-noise',
    'rising-train-loss',
    'collapsed',
    'periodic',
    'spikes-early',
    'spikes-late',
  ],
};
