/**
 * A mixture of product kernels, one for each observation and a wide prior, over some hyperparameters of a space.
 *
 *   p(x) = sum_i weight_i prod_j kernel_ij(x_j)
 *   numeric      normal at the observation's unit coordinate, truncated to [0, 1]; its spread is the scaled larger gap to a neighbour
 *                (0 and 1 count as neighbours), at least 3 % of the range; a discrete one has the mass of its cell
 *   categorical  every choice 1 / n, the observed one 1 more, normalised
 *
 * Gaps and the least spread are those of the better published setting (Watanabe 2304.11127, `tpe_tutorial` of the OptunaHub registry).
 */
import type { Hyperparameter, HyperparameterValue, Rng, Values } from '@kinetune/study';
import { createCategoricalKernels } from './categorical-kernels.ts';
import { createNumericKernels } from './numeric-kernels.ts';
import type { WeightedValues } from './split-history.ts';

export interface ParzenEstimator {
  /** Draws a value for each hyperparameter, all from one kernel. */
  sample(rng: Rng): Values;
  /** Draws each value from a kernel of its own: what was good in different results comes together. */
  sampleCrossed(rng: Rng): Values;
  logDensity(values: Values): number;
}

/** One dimension of every kernel; the prior is the last. */
export interface Kernels {
  sample(kernel: number, rng: Rng): HyperparameterValue;
  /** Adds the log density of each kernel at a value to `total` [kernels]. */
  addLogDensities(value: HyperparameterValue, total: Float64Array): void;
}

interface ParzenOptions {
  readonly priorWeight: number;
  /** A numeric kernel's spread over the gap to its neighbour. */
  readonly spreadScale: number;
}

export function createParzenEstimator(
  hyperparameters: readonly Hyperparameter[],
  observations: readonly WeightedValues[],
  { priorWeight, spreadScale }: ParzenOptions,
): ParzenEstimator {
  const dimensions = hyperparameters.map(({ name, domain }) => {
    const values = observations.map((observation) => observation.values[name] as HyperparameterValue);
    const kernels =
      domain.type === 'categorical'
        ? createCategoricalKernels(domain, values)
        : createNumericKernels(domain, values, spreadScale);
    return { name, kernels };
  });
  const weights = [...observations.map(({ weight }) => weight), priorWeight];
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const logWeights = Float64Array.from(weights, (weight) => Math.log(weight / sum));
  const drawKernel = (rng: Rng): number => {
    let left = rng.next() * sum;
    let kernel = 0;
    while (kernel < weights.length - 1 && left >= (weights[kernel] as number)) left -= weights[kernel++] as number;
    return kernel;
  };
  return {
    sample(rng) {
      const kernel = drawKernel(rng);
      return Object.fromEntries(dimensions.map(({ name, kernels }) => [name, kernels.sample(kernel, rng)]));
    },
    sampleCrossed: (rng) =>
      Object.fromEntries(dimensions.map(({ name, kernels }) => [name, kernels.sample(drawKernel(rng), rng)])),
    logDensity(values) {
      const total = logWeights.slice();
      for (const { name, kernels } of dimensions) kernels.addLogDensities(values[name] as HyperparameterValue, total);
      return logSumExp(total);
    },
  };
}

function logSumExp(values: Float64Array): number {
  let largest = -Infinity;
  for (const value of values) if (value > largest) largest = value;
  let sum = 0;
  // e^-40 is none next to 1, and most of a thousand kernels are far away.
  for (const value of values) if (value - largest > -40) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}
