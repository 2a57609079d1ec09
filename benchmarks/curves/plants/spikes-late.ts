import type { Plant } from '../plant.ts';
import { metric } from '../statistics.ts';

/** Mid-training: a few steps at a far higher rate, or a restart of the schedule that is far too high. */
export const spikesLate: Plant = {
  label: 'spikes-late',
  plant: (healthy, rng) => {
    const epochs = Math.max(10, healthy.configuration['epochs'] as number);
    const base = { ...healthy, configuration: { ...healthy.configuration, epochs } };
    const at = 0.35 + 0.4 * rng.next();
    if (rng.next() < 0.6) {
      const factor = 30 * 5 ** rng.next();
      const steps = 2 + rng.integer(4);
      return {
        cause: `a jump to ${Math.round(factor)} times the peak rate for ${steps} steps`,
        training: {
          ...base,
          learningRate: (rate, { step, stepsPerEpoch }) => {
            const first = Math.floor(at * epochs * stepsPerEpoch);
            return step >= first && step < first + steps
              ? factor * (healthy.configuration['learningRate'] as number)
              : rate;
          },
        },
      };
    }
    const factor = 20 + 30 * rng.next();
    return {
      cause: `a restart at ${Math.round(factor)} times the peak rate, down again over an epoch`,
      training: {
        ...base,
        learningRate: (rate, { step, stepsPerEpoch }) => {
          const since = step / stepsPerEpoch - at * epochs;
          const peak = healthy.configuration['learningRate'] as number;
          return since >= 0 && since < 1 ? Math.max(rate, peak * factor ** (1 - since)) : rate;
        },
      },
    };
  },
  // The detector looks at the loss of steps; this at the accuracy of epochs.
  statisticName: 'largest fall of training accuracy from one epoch to the next after a quarter of training',
  statistic: (run) => {
    const scores = metric(run, 'trainAccuracy');
    const falls = scores.map((score, epoch) => (epoch === 0 ? 0 : (scores[epoch - 1] as number) - score));
    return Math.max(...falls.slice(Math.ceil(scores.length / 4)));
  },
  atLeast: 0.05,
  excludes: ['spikes-early', 'periodic', 'overfitting'],
};
