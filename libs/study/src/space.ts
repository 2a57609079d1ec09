/** A search space: what a study varies and what it holds. Conditional hyperparameters exist only in their branch. */
import type { FixedHyperparameter, Hyperparameter, HyperparameterValue } from './hyperparameter.ts';

export interface Space {
  /** Counts up when a study's space is widened; a configuration records the version it was drawn from. */
  readonly version: number;
  readonly hyperparameters: readonly Hyperparameter[];
  readonly fixed: readonly FixedHyperparameter[];
  /** What every configuration satisfies, as written (`constraint.ts`); none when left out. */
  readonly constraints?: readonly string[];
}

/** A value for each hyperparameter that is active, by full name. */
export type Values = Readonly<Record<string, HyperparameterValue>>;

/** One parent condition of a namespaced name. */
export interface Condition {
  readonly parent: string;
  readonly equals: string;
}

/** `optimizer=adam/learningRate` -> conditions [{ parent: 'optimizer', equals: 'adam' }], leaf 'learningRate'. */
export function parseName(name: string): { readonly conditions: readonly Condition[]; readonly leaf: string } {
  const parts = name.split('/');
  const leaf = parts.pop() as string;
  let prefix = '';
  const conditions = parts.map((part) => {
    const separator = part.indexOf('=');
    // A nested parent is itself namespaced: in a=x/b=y/c the parent of c is 'a=x/b'.
    const condition = { parent: prefix + part.slice(0, separator), equals: part.slice(separator + 1) };
    prefix += `${part}/`;
    return condition;
  });
  return { conditions, leaf };
}

/** Whether the hyperparameter exists under the values chosen so far for its parents. */
export function isActive(name: string, values: Values): boolean {
  // Most have no conditions, and this is asked of every hyperparameter of every result.
  if (!name.includes('/')) return true;
  return parseName(name).conditions.every(({ parent, equals }) => String(values[parent]) === equals);
}

/**
 * What the trainer is given: every active value under its leaf name (`optimizer=adam/learningRate` -> `learningRate`),
 * fixed ones included. Names are unique by the space's validation.
 */
export function resolveValues(space: Space, values: Values): Values {
  const all: Record<string, HyperparameterValue> = {};
  for (const { name, value } of space.fixed) all[name] = value;
  Object.assign(all, values);
  const resolved: Record<string, HyperparameterValue> = {};
  for (const [name, value] of Object.entries(all)) {
    if (isActive(name, all)) resolved[parseName(name).leaf] = value;
  }
  return resolved;
}
