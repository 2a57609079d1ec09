/**
 * What a pruner is: a function of a trial's curve so far, the curves of the other trials, what is optimised and how long a
 * training is. It keeps no state, so the same history gives the same decision in any process, for any number of workers,
 * and a finished study can be replayed.
 *
 * It is asked once for each measurement of a running trial, in order: with measurements that arrived together, once for
 * each with the curve cut there. `request.trial` ends with the measurement that is judged.
 */
import type { Objective, TrialState } from '@kinetune/study';

/** A trial's measurements as columns, in order of their steps: each column is as long as `steps`. */
export interface TrialCurve {
  /** What people know the trial by. */
  readonly number: number;
  readonly state: TrialState;
  readonly steps: readonly number[];
  /** Passes over the training data, may be fractions. */
  readonly epochs: readonly number[];
  /** By metric name; null where the value was not finite. */
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
  /** Trials of different folds are not compared: some people are harder to recognise than others. */
  readonly fold?: number;
}

export const BUDGET_UNITS = ['epochs', 'steps'] as const;
export type BudgetUnit = (typeof BUDGET_UNITS)[number];

/** How long the training of one trial is. Warm-up, intervals, rungs and patience count in its unit. */
export interface TrainingBudget {
  readonly unit: BudgetUnit;
  readonly total: number;
}

export interface PruningRequest {
  readonly trial: TrialCurve;
  /** Every other trial of the study as far as it is known, in any order; the judged one among them is passed over. */
  readonly others: readonly TrialCurve[];
  readonly objective: Objective;
  readonly budget: TrainingBudget;
}

export interface PruningDecision {
  readonly verdict: 'continue' | 'prune';
  /** One sentence: the value, the threshold, how many trials, at which epoch or step. */
  readonly reason: string;
  /** Numbers of the trials that it rests on, ascending: those compared with, or the trial itself where its own curve decides. */
  readonly evidence: readonly number[];
  /** Where it was taken, in the budget's unit; null before the first measurement. */
  readonly at: number | null;
  /** What was compared with what; null where nothing was. */
  readonly value: number | null;
  readonly threshold: number | null;
}

export type Pruner = (request: PruningRequest) => PruningDecision;
