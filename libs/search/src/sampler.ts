/** What a sampler is: a function of the space, the study's seed, the suggestion's index and the history. */
import type { Direction, Space, Values } from '@kinetune/study';

/** A configuration that has an objective value: the mean over its trials. */
export interface ObservedConfiguration {
  readonly values: Values;
  readonly objective: number;
  /** How many trials (seeds, folds) the objective averages. */
  readonly replicates: number;
  /** Sample variance of one trial's value around that mean, where at least two trials tell it. */
  readonly variance?: number;
}

/** A configuration whose training a pruner ended. */
export interface PrunedConfiguration {
  readonly values: Values;
  /** The objective where it was stopped, which is no final value. */
  readonly objective: number;
  /** Share of the training that it got, above 0 and below 1. */
  readonly progress: number;
}

/** What is known when a suggestion is made. Order matters: oldest first. */
export interface History {
  readonly observed: readonly ObservedConfiguration[];
  readonly infeasible: readonly Values[];
  /** Running or queued. */
  readonly pending: readonly Values[];
  readonly pruned?: readonly PrunedConfiguration[];
}

export interface SuggestionRequest {
  /** The version that is searched now. When a study's space is widened or refined, the index goes on in the new one. */
  readonly space: Space;
  /** The study's seed. */
  readonly seed: number;
  /** The configuration's number in its study; where scientific values are given, its number among those that have them. */
  readonly index: number;
  readonly direction: Direction;
  readonly history: History;
  /** Whether a configuration satisfies the space's constraints: a function of the values. Asking with the same one is faster. */
  readonly accepts?: (values: Values) => boolean;
  /** Values that are chosen already, parents before children: the sampler chooses the rest. Scientific ones come this way. */
  readonly given?: Values;
}

export interface Suggestion {
  readonly values: Values;
  /** Which engine it took and why, for people and the trial's record. */
  readonly engine: string;
  /** Counts up when the engine would suggest something else from the same request. */
  readonly engineVersion: number;
  readonly reason: string;
}

/**
 * Suggests a configuration; null when a finite space has none left that was not suggested before: a finished configuration is
 * repeated only as a replicate, and those are trials, not suggestions.
 *
 * @throws InputError when no configuration that satisfies the constraints is found.
 */
export type Sampler = (request: SuggestionRequest) => Suggestion | null;
