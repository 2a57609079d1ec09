/** Configurations from the scrambled Halton sequence: each a function of (engine version, space, seed, index). */
import { isActive, valueFromUnit, type HyperparameterValue, type Space, type Values } from '@kinetune/study';
import { HALTON_ENGINE_VERSION, haltonSequence } from './halton-sequence.ts';
import { distinctPoint } from './distinct-point.ts';

export interface SuggestOptions {
  readonly space: Space;
  /** The study's seed. */
  readonly seed: number;
  /** Counts the study's configurations from 0. */
  readonly index: number;
  /** The engine that the study began with; the present one unless stated. */
  readonly engineVersion?: number;
}

export interface SuggestionNote {
  readonly sampler: 'halton';
  readonly engineVersion: number;
  readonly index: number;
  readonly reason: string;
}

export interface Suggestion {
  /** A value for each active hyperparameter, by full name. */
  readonly values: Values;
  readonly note: SuggestionNote;
}

/**
 * Every hyperparameter owns one coordinate, by its position in the space, whether it is active or not: the points of one
 * branch of a conditional space are the sequence's points in its own coordinates. Inactive ones are left out.
 *
 * A space of finitely many configurations is walked without repetition: index i is the i-th *distinct* configuration, and
 * only when all have been suggested does the walk begin again.
 */
export function suggest(options: SuggestOptions): Suggestion {
  const { space, seed, index, engineVersion = HALTON_ENGINE_VERSION } = options;
  const pointAt = haltonSequence({ engineVersion, seed, dimensions: space.hyperparameters.length });
  const { values, round, count } = distinctPoint(space, {
    index,
    valuesAt: (position) => valuesFromPoint(space, pointAt(position)),
    key: ['halton', engineVersion, seed, 'rest'],
  });
  const repeated =
    round === 0
      ? ''
      : `; all ${count} configurations of the space have been suggested ${round} ${round === 1 ? 'time' : 'times'} before`;
  const reason = `point ${index} of the quasi-random sequence of seed ${seed}: covers the space evenly${repeated}`;
  return { values, note: { sampler: 'halton', engineVersion, index, reason } };
}

/** Active values of a point with one coordinate a hyperparameter. Parents may stand anywhere in the space. */
function valuesFromPoint(space: Space, point: readonly number[]): Values {
  const all: Record<string, HyperparameterValue> = {};
  for (const { name, value } of space.fixed) all[name] = value;
  space.hyperparameters.forEach(({ name, domain }, dimension) => {
    all[name] = valueFromUnit(domain, point[dimension] as number);
  });
  const active = space.hyperparameters.filter(({ name }) => isActive(name, all));
  return Object.fromEntries(active.map(({ name }) => [name, all[name] as HyperparameterValue]));
}
