/** What an Optuna storage holds, whichever kind of storage it is. */
import type { OptunaDistribution } from './optuna-distribution.ts';

export const OPTUNA_STATES = ['RUNNING', 'COMPLETE', 'PRUNED', 'FAIL', 'WAITING'] as const;
export type OptunaState = (typeof OPTUNA_STATES)[number];

/** `NOT_SET MINIMIZE MAXIMIZE`, in the order of their numbers. */
export const OPTUNA_DIRECTIONS = ['NOT_SET', 'MINIMIZE', 'MAXIMIZE'] as const;
export type OptunaDirection = (typeof OPTUNA_DIRECTIONS)[number];

export type Attributes = Readonly<Record<string, unknown>>;

export interface OptunaStudy {
  readonly name: string;
  /** One for each objective. */
  readonly directions: readonly OptunaDirection[];
  readonly userAttributes: Attributes;
  readonly systemAttributes: Attributes;
  readonly trialCount: number;
}

export interface OptunaParameter {
  readonly distribution: OptunaDistribution;
  /** As the distribution gives it: a number, or one of its choices. */
  readonly value: unknown;
}

export interface OptunaTrial {
  readonly number: number;
  readonly state: OptunaState;
  /** One for each objective, may be infinite; null where there is none. */
  readonly values: readonly number[] | null;
  /** In the order in which they were suggested. */
  readonly parameters: ReadonlyMap<string, OptunaParameter>;
  readonly userAttributes: Attributes;
  readonly systemAttributes: Attributes;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
}

export interface IntermediateValue {
  /** The trial's number. */
  readonly number: number;
  readonly step: number;
  /** Null where it is not finite. */
  readonly value: number | null;
}

/** An Optuna storage that is open for reading; what it was read from is never changed. */
export interface OptunaSource extends AsyncDisposable {
  /** For people: `SQLite storage`, `journal`. */
  readonly kind: string;
  /** By name, in the order in which they were made. */
  readonly studies: ReadonlyMap<string, OptunaStudy>;
  /** A study's trials by number. */
  trials(study: string): Promise<readonly OptunaTrial[]>;
  /** What its trials reported, one at a time; of a step that comes twice the last counts. */
  intermediateValues(study: string): AsyncIterable<IntermediateValue>;
}
