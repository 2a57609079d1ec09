/**
 * A choice's part of n + 1 kernels, the prior last: every choice 1 / (n + 1), the observed one 1 more, normalised; the prior's are
 * even.
 */
import type { CategoricalDomain, HyperparameterValue } from '@kinetune/study';
import type { Kernels } from './parzen-estimator.ts';

export function createCategoricalKernels(
  { choices }: CategoricalDomain,
  values: readonly HyperparameterValue[],
): Kernels {
  const indexOf = new Map(choices.map((choice, index) => [choice, index]));
  const observed = values.map((value) => indexOf.get(value));
  const prior = values.length;
  const base = 1 / (values.length + 1);
  const norm = choices.length * base + 1;
  const logOther = Math.log(base / norm);
  const logSame = Math.log((base + 1) / norm);
  return {
    sample(kernel, rng) {
      // With the probability of its extra 1 the kernel's own choice, else any.
      const own = kernel === prior ? undefined : observed[kernel];
      const isOwn = rng.next() < 1 / norm;
      const any = rng.integer(choices.length);
      return choices[isOwn && own !== undefined ? own : any] as HyperparameterValue;
    },
    addLogDensities(value, total) {
      const choice = indexOf.get(value);
      for (let i = 0; i < prior; i++) total[i] = (total[i] as number) + (observed[i] === choice ? logSame : logOther);
      total[prior] = (total[prior] as number) - Math.log(choices.length);
    },
  };
}
