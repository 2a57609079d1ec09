/**
 * How much a result says about configurations that have the given values: scientific ones, and what else was chosen before the
 * sampler was asked. A product over the given hyperparameters, between 1 / n^k and 1.
 *
 *   numeric       the larger of exp(-((x - given) / 0.2)^2 / 2) in unit coordinates and 1 / n
 *   categorical   1 where the result has the same choice, else 1 / n, as it has where it lacks the hyperparameter
 *
 * With n results, all the others together weigh about as much as one of the same choice: they guide the search while there is
 * nothing else, and no longer than that.
 */
import { unitFromValue, type Hyperparameter, type HyperparameterValue, type Space, type Values } from '@kinetune/study';

const NUMERIC_SPREAD = 0.2;

/** `count` is the number of results, n. */
export function createRelevance(space: Space, given: Values, count: number): (values: Values) => number {
  const least = 1 / Math.max(count, 1);
  const known = space.hyperparameters.filter(({ name }) => given[name] !== undefined);
  return (values) =>
    known.reduce((product, hyperparameter) => {
      const value = values[hyperparameter.name];
      if (value === undefined) return product * least;
      return product * Math.max(likeness(hyperparameter, value, given), least);
    }, 1);
}

function likeness({ name, domain }: Hyperparameter, value: HyperparameterValue, given: Values): number {
  const chosen = given[name] as HyperparameterValue;
  if (domain.type === 'categorical') return value === chosen ? 1 : 0;
  const distance = unitFromValue(domain, value) - unitFromValue(domain, chosen);
  return Math.exp(-0.5 * (distance / NUMERIC_SPREAD) ** 2);
}
