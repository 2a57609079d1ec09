/**
 * A mixture of product kernels, one for each observation and a wide prior, over some hyperparameters of a space.
 *
 *   p(x) = sum_i weight_i prod_j kernel_ij(x_j)
 *   numeric      normal at the observation's unit coordinate, truncated to [0, 1]; its spread is the larger gap to a neighbour
 *                (0 and 1 count as neighbours), at least 3 % of the range; a discrete one has the mass of its cell
 *   categorical  every choice 1 / n, the observed one 1 more, normalised
 *
 * Bandwidths and weights are the better published setting (Watanabe 2304.11127, `tpe_tutorial` of the OptunaHub registry).
 */
import {
  unitCell,
  unitFromValue,
  valueCount,
  valueFromUnit,
  type Hyperparameter,
  type HyperparameterValue,
  type Rng,
  type Values,
} from '@kinetune/study';
import { normalCdf, normalQuantile } from '../numeric/normal.ts';

const SMALLEST_SPREAD = 0.03;
const LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);

export interface ParzenEstimator {
  /** Draws a value for each hyperparameter, all from one kernel. */
  sample(rng: Rng): Values;
  logDensity(values: Values): number;
}

/** One dimension of every kernel; the prior is the last. */
interface Dimension {
  sample(kernel: number, rng: Rng): HyperparameterValue;
  /** The log density of each kernel at a value, added to `total` [kernels]. */
  addLogDensities(value: HyperparameterValue, total: Float64Array): void;
}

/** `weights` has one for each observation and, last, the prior's. */
export function createParzenEstimator(
  hyperparameters: readonly Hyperparameter[],
  observations: readonly Values[],
  weights: readonly number[],
): ParzenEstimator {
  const dimensions = hyperparameters.map((hyperparameter) => {
    const values = observations.map(({ [hyperparameter.name]: value }) => value as HyperparameterValue);
    return hyperparameter.domain.type === 'categorical'
      ? categoricalDimension(hyperparameter, values)
      : numericDimension(hyperparameter, values);
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const logWeights = Float64Array.from(weights, (weight) => Math.log(weight / sum));
  return {
    sample(rng) {
      let left = rng.next() * sum;
      let kernel = 0;
      while (kernel < weights.length - 1 && left >= (weights[kernel] as number)) left -= weights[kernel++] as number;
      return Object.fromEntries(
        hyperparameters.map(({ name }, j) => [name, (dimensions[j] as Dimension).sample(kernel, rng)]),
      );
    },
    logDensity(values) {
      const total = logWeights.slice();
      hyperparameters.forEach(({ name }, j) =>
        (dimensions[j] as Dimension).addLogDensities(values[name] as HyperparameterValue, total),
      );
      return logSumExp(total);
    },
  };
}

function numericDimension({ domain }: Hyperparameter, values: readonly HyperparameterValue[]): Dimension {
  const means = Float64Array.from([...values.map((value) => unitFromValue(domain, value)), 0.5]);
  const spreads = neighbourGaps(means);
  spreads[means.length - 1] = 1;
  const isFinite = valueCount(domain) !== Infinity;
  const lows = means.map((mean, i) => normalCdf(-mean / (spreads[i] as number)));
  const masses = means.map((mean, i) => normalCdf((1 - mean) / (spreads[i] as number)) - (lows[i] as number));
  return {
    sample(kernel, rng) {
      const low = lows[kernel] as number;
      const z = normalQuantile(low + rng.next() * (masses[kernel] as number));
      const unit = Math.min(Math.max((means[kernel] as number) + z * (spreads[kernel] as number), 0), 1);
      return valueFromUnit(domain, unit);
    },
    addLogDensities(value, total) {
      const unit = unitFromValue(domain, value);
      const cell = isFinite ? unitCell(domain, value) : undefined;
      for (let i = 0; i < total.length; i++) {
        const mean = means[i] as number;
        const spread = spreads[i] as number;
        const mass = masses[i] as number;
        const logDensity =
          cell === undefined
            ? -0.5 * ((unit - mean) / spread) ** 2 - LOG_SQRT_2PI - Math.log(spread * mass)
            : Math.log((normalCdf((cell[1] - mean) / spread) - normalCdf((cell[0] - mean) / spread)) / mass + 1e-12);
        total[i] = (total[i] as number) + logDensity;
      }
    },
  };
}

/** The larger gap to a neighbour in sorted order, 0 and 1 included, at least the smallest spread. */
function neighbourGaps(means: Float64Array): Float64Array {
  const order = Array.from(means.keys()).sort((a, b) => (means[a] as number) - (means[b] as number));
  const spreads = new Float64Array(means.length);
  order.forEach((index, rank) => {
    const here = means[index] as number;
    const before = rank === 0 ? 0 : (means[order[rank - 1] as number] as number);
    const after = rank === order.length - 1 ? 1 : (means[order[rank + 1] as number] as number);
    spreads[index] = Math.min(Math.max(here - before, after - here, SMALLEST_SPREAD), 1);
  });
  return spreads;
}

function categoricalDimension({ domain }: Hyperparameter, values: readonly HyperparameterValue[]): Dimension {
  const choices = domain.type === 'categorical' ? domain.choices : [];
  const kernels = values.length + 1;
  const observed = values.map((value) => choices.indexOf(value));
  const base = 1 / kernels;
  const norm = choices.length * base + 1;
  // The prior, last, is even.
  const probability = (kernel: number, choice: number): number =>
    kernel === kernels - 1 ? 1 / choices.length : (base + (observed[kernel] === choice ? 1 : 0)) / norm;
  return {
    sample(kernel, rng) {
      let left = rng.next();
      let choice = 0;
      while (choice < choices.length - 1 && left >= probability(kernel, choice)) left -= probability(kernel, choice++);
      return choices[choice] as HyperparameterValue;
    },
    addLogDensities(value, total) {
      const choice = choices.indexOf(value);
      for (let i = 0; i < total.length; i++) total[i] = (total[i] as number) + Math.log(probability(i, choice));
    },
  };
}

function logSumExp(values: Float64Array): number {
  let largest = -Infinity;
  for (const value of values) if (value > largest) largest = value;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}
