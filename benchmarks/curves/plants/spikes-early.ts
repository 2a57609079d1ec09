import type { Plant } from '../plant.ts';
import { highestEarlyLoss } from '../statistics.ts';

/** No warm-up at a rate far too high, which comes down to the healthy one; or a warm-up that ends in a jump. */
export const spikesEarly: Plant = {
  label: 'spikes-early',
  plant: (healthy, rng) => {
    const factor = 30 * 10 ** rng.next();
    const configuration = { ...healthy.configuration, warmupEpochs: 0 };
    if (rng.next() < 0.6) {
      const length = 0.3 + 0.4 * rng.next();
      return {
        cause: `no warm-up: ${Math.round(factor)} times the learning rate at first, down to it over ${length.toFixed(1)} epochs`,
        training: {
          ...healthy,
          configuration,
          learningRate: (rate, { step, stepsPerEpoch }) =>
            rate * factor ** Math.max(0, 1 - step / (length * stepsPerEpoch)),
        },
      };
    }
    const at = 0.2 + 0.5 * rng.next();
    const steps = 2 + rng.integer(3);
    return {
      cause: `a jump to ${Math.round(factor)} times the learning rate for ${steps} steps in the first epoch`,
      training: {
        ...healthy,
        configuration,
        learningRate: (rate, { step, stepsPerEpoch }) => {
          const first = Math.floor(at * stepsPerEpoch);
          return step >= first && step < first + steps ? factor * rate : rate;
        },
      },
    };
  },
  // Against the very first step; the detector, which may not have every step, looks for a rise above what was reached before.
  statisticName: 'log of the highest loss of a part of the first two epochs over that of the first part',
  statistic: highestEarlyLoss,
  atLeast: Math.log(1.25),
  excludes: ['spikes-late', 'periodic', 'rising-train-loss', 'late-noise'],
};
