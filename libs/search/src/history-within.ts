/** Which results of a study, or of an earlier one, say something about a space: it may be a new version of theirs. */
import { domainContains, isActive, type HyperparameterValue, type Space, type Values } from '@kinetune/study';
import type { History } from './sampler.ts';

/**
 * A configuration of some other space as one of this: null when it lies outside. It lies within when it has a value of its domain
 * for every hyperparameter that is active, and the fixed value of every other that it has; those fall away.
 */
export function valuesWithin(space: Space, values: Values): Values | null {
  const all: Record<string, HyperparameterValue> = {};
  for (const { name, value } of space.fixed) all[name] = value;
  for (const [name, value] of Object.entries(values)) {
    if (Object.hasOwn(all, name) && all[name] !== value) return null;
    all[name] = value;
  }
  const within: Record<string, HyperparameterValue> = {};
  for (const { name, domain } of space.hyperparameters) {
    if (!isActive(name, all)) continue;
    const value = values[name];
    if (value === undefined || !domainContains(domain, value)) return null;
    within[name] = value;
  }
  const isKnown = (name: string): boolean =>
    Object.hasOwn(within, name) || space.fixed.some((one) => one.name === name);
  return Object.keys(values).every(isKnown) ? within : null;
}

/**
 * The part of a history that lies within a space, in its order: what an adaptive sampler starts from after the space was widened
 * or refined. Results that break a constraint of the new version count: they are evidence all the same.
 */
export function historyWithin(space: Space, history: History): History {
  const keep = <T extends { readonly values: Values }>(entries: readonly T[]): T[] =>
    entries.flatMap((entry) => {
      const values = valuesWithin(space, entry.values);
      return values === null ? [] : [{ ...entry, values }];
    });
  const keepValues = (entries: readonly Values[]): Values[] =>
    entries.map((values) => valuesWithin(space, values)).filter((values) => values !== null);
  return {
    observed: keep(history.observed),
    infeasible: keepValues(history.infeasible),
    pending: keepValues(history.pending),
    ...(history.pruned === undefined ? {} : { pruned: keep(history.pruned) }),
  };
}

/** Every configuration that was suggested before, whatever became of it. */
export function suggestedBefore({ observed, infeasible, pending, pruned = [] }: History): readonly Values[] {
  return [...observed.map(({ values }) => values), ...infeasible, ...pending, ...pruned.map(({ values }) => values)];
}

/** Whether a configuration was suggested before. A few are asked for: comparing is cheaper than a key of everything. */
export function suggestedIn(history: History): (values: Values) => boolean {
  const before = suggestedBefore(history);
  return (values) => {
    const names = Object.keys(values);
    return before.some((other) => names.every((name) => other[name] === values[name]));
  };
}
