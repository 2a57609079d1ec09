/**
 * A pair of Parzen mixtures, good and bad, for each set of hyperparameters that exist under the same conditions, fitted to the
 * results of that branch alone: the learning rates of two optimizers never meet. A configuration's density ratio is the product
 * over its active branches; a branch without results has the priors, whose ratio is 1.
 */
import {
  isActive,
  parseName,
  unitFromValue,
  valueFromUnit,
  type Domain,
  type Hyperparameter,
  type HyperparameterValue,
  type Rng,
  type Space,
  type Values,
} from '@kinetune/study';
import { createParzenEstimator, type ParzenEstimator } from './parzen-estimator.ts';
import type { SplitHistory, WeightedValues } from './split-history.ts';

/** Measured: 0.6 finds the narrow valleys sooner; the published setting has 1. */
const GOOD_SPREAD_SCALE = 0.6;

export interface BranchModels {
  /** A configuration from the good mixtures, branch by branch, with the given values in it. */
  sample(rng: Rng): Values;
  /** The same, each value from a kernel of its own. */
  sampleCrossed(rng: Rng): Values;
  /** A random step of about `size` of the range from an anchor; what the anchor lacks is drawn. */
  step(anchor: Values, size: number, rng: Rng): Values;
  /** log of good(x) / bad(x). */
  logRatio(values: Values): number;
}

interface Branch {
  /** One of its hyperparameters. */
  readonly name: string;
  readonly hyperparameters: readonly Hyperparameter[];
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
      hyperparameters,
      good: createParzenEstimator(hyperparameters, within(split.good), {
        priorWeight: split.goodPriorWeight,
        spreadScale: GOOD_SPREAD_SCALE,
      }),
      bad: createParzenEstimator(hyperparameters, within(split.bad), { priorWeight: 1, spreadScale: 1 }),
    };
  });
  const complete = (draw: (branch: Branch) => Values): Values => {
    const chosen: Record<string, HyperparameterValue> = { ...fixed, ...given };
    for (const branch of branches) if (isActive(branch.name, chosen)) Object.assign(chosen, draw(branch));
    const values: Record<string, HyperparameterValue> = {};
    for (const { name } of space.hyperparameters) {
      const value = chosen[name];
      if (value !== undefined) values[name] = value;
    }
    return values;
  };
  return {
    sample: (rng) => complete(({ good }) => good.sample(rng)),
    sampleCrossed: (rng) => complete(({ good }) => good.sampleCrossed(rng)),
    step: (anchor, size, rng) =>
      complete(({ hyperparameters, good }) => {
        const drawn = good.sample(rng);
        return Object.fromEntries(
          hyperparameters.map(({ name, domain }) => {
            const from = anchor[name];
            return [
              name,
              from === undefined ? (drawn[name] as HyperparameterValue) : stepped(domain, from, { size, rng }),
            ];
          }),
        );
      }),
    logRatio: (values) =>
      branches.reduce(
        (sum, { name, good, bad }) =>
          values[name] === undefined ? sum : sum + good.logDensity(values) - bad.logDensity(values),
        0,
      ),
  };
}

/** A normal step in unit coordinates, folded at the ends; another choice with the probability `size`. */
function stepped(
  domain: Domain,
  from: HyperparameterValue,
  { size, rng }: { readonly size: number; readonly rng: Rng },
): HyperparameterValue {
  if (domain.type === 'categorical') {
    return rng.next() < size ? (domain.choices[rng.integer(domain.choices.length)] as HyperparameterValue) : from;
  }
  const unit = Math.abs(unitFromValue(domain, from) + size * rng.normal());
  return valueFromUnit(domain, Math.min(Math.max(unit > 1 ? 2 - unit : unit, 0), 1));
}

/** Hyperparameters that are active under the same conditions, parents first. */
function groupByBranch(hyperparameters: readonly Hyperparameter[]): Hyperparameter[][] {
  const branches = Map.groupBy(hyperparameters, ({ name }) => name.slice(0, name.lastIndexOf('/') + 1));
  return [...branches]
    .sort(([a], [b]) => parseName(`${a}x`).conditions.length - parseName(`${b}x`).conditions.length)
    .map(([, branch]) => branch);
}
