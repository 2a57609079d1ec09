/**
 * A pair of Parzen mixtures, good and bad, for each set of hyperparameters that exist under the same conditions, fitted to the
 * results of that branch alone: the learning rates of two optimizers never meet. A configuration's density ratio is the product
 * over its active branches; a branch without results has the priors, whose ratio is 1.
 */
import {
  isActive,
  parseName,
  type Hyperparameter,
  type HyperparameterValue,
  type Rng,
  type Space,
  type Values,
} from '@kinetune/study';
import { createParzenEstimator, type ParzenEstimator } from './parzen-estimator.ts';
import type { SplitHistory, WeightedValues } from './split-history.ts';

const GOOD_SPREAD_SCALE = 1;

export interface BranchModels {
  /** A configuration from the good mixtures, branch by branch, with the given values in it. */
  sample(rng: Rng): Values;
  /** log of good(x) / bad(x). */
  logRatio(values: Values): number;
}

interface Branch {
  /** One of its hyperparameters. */
  readonly name: string;
  readonly good: ParzenEstimator;
  readonly bad: ParzenEstimator;
}

export function createBranchModels(space: Space, given: Values, split: SplitHistory): BranchModels {
  const fixed = Object.fromEntries(space.fixed.map(({ name, value }) => [name, value]));
  const open = space.hyperparameters.filter(({ name }) => given[name] === undefined);
  const branches = groupByBranch(open).map((hyperparameters): Branch => {
    const { name } = hyperparameters[0] as Hyperparameter;
    const within = (entries: readonly WeightedValues[]): readonly WeightedValues[] =>
      entries.filter(({ values }) => values[name] !== undefined);
    return {
      name,
      good: createParzenEstimator(hyperparameters, within(split.good), {
        priorWeight: split.goodPriorWeight,
        spreadScale: GOOD_SPREAD_SCALE,
      }),
      bad: createParzenEstimator(hyperparameters, within(split.bad), { priorWeight: 1, spreadScale: 1 }),
    };
  });
  return {
    sample(rng) {
      const chosen: Record<string, HyperparameterValue> = { ...fixed, ...given };
      for (const { name, good } of branches) if (isActive(name, chosen)) Object.assign(chosen, good.sample(rng));
      const values: Record<string, HyperparameterValue> = {};
      for (const { name } of space.hyperparameters) {
        const value = chosen[name];
        if (value !== undefined) values[name] = value;
      }
      return values;
    },
    logRatio: (values) =>
      branches.reduce(
        (sum, { name, good, bad }) =>
          values[name] === undefined ? sum : sum + good.logDensity(values) - bad.logDensity(values),
        0,
      ),
  };
}

/** Hyperparameters that are active under the same conditions, parents first. */
function groupByBranch(hyperparameters: readonly Hyperparameter[]): Hyperparameter[][] {
  const branches = Map.groupBy(hyperparameters, ({ name }) => name.slice(0, name.lastIndexOf('/') + 1));
  return [...branches]
    .sort(([a], [b]) => parseName(`${a}x`).conditions.length - parseName(`${b}x`).conditions.length)
    .map(([, branch]) => branch);
}
