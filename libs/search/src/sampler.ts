/** What a sampler is: a function of the space, the study's seed, the suggestion's index and the history. */
import type { Direction, Space, Values } from '@kinetune/study';

/** A configuration that has an objective value: the mean over its trials. */
export interface ObservedConfiguration {
  readonly values: Values;
  readonly objective: number;
  /** How many trials (seeds, folds) the objective averages. */
  readonly replicates: number;
}

/** What is known when a suggestion is made. Order matters: oldest first. */
export interface History {
  readonly observed: readonly ObservedConfiguration[];
  readonly infeasible: readonly Values[];
  /** Running or queued. */
  readonly pending: readonly Values[];
}

export interface SuggestionRequest {
  readonly space: Space;
  /** The study's seed. */
  readonly seed: number;
  /** The configuration's number in its study. */
  readonly index: number;
  readonly direction: Direction;
  readonly history: History;
  /** Whether a configuration satisfies the space's constraints. */
  readonly accepts?: (values: Values) => boolean;
}

export interface Suggestion {
  readonly values: Values;
  /** Which engine it took and why, for people and the trial's record. */
  readonly engine: string;
  readonly reason: string;
}

export type Sampler = (request: SuggestionRequest) => Suggestion;
