/** What a replay says: the verdict on a pruner, the numbers behind it and the trials behind those. */
import type { CheckStatus } from '../analysis/check.ts';
import type { BudgetUnit } from './pruner.ts';

/**
 * saves: worth enabling. idle: it would hardly have saved anything. loses: it would have cost more of the objective than is
 * tolerated, as the trials started or in too many other orders. too-few: too few complete configurations to tell.
 */
export const REPLAY_VERDICTS = ['saves', 'idle', 'loses', 'too-few'] as const;
export type ReplayVerdict = (typeof REPLAY_VERDICTS)[number];

export interface ReplayThresholds {
  /** Fewer complete configurations say nothing. */
  readonly fewestComplete: number;
  /** A smaller share of the compute is not worth a pruner. */
  readonly worthwhileShare: number;
  /** Regret that is no loss, in the objective's unit: the retrain standard deviation is a good choice. */
  readonly toleratedRegret: number;
  /** Share of the other orders of starting in which more may be lost. */
  readonly toleratedLossShare: number;
}
export const REPLAY_THRESHOLDS: ReplayThresholds = {
  fewestComplete: 10,
  worthwhileShare: 0.1,
  toleratedRegret: 0,
  toleratedLossShare: 0.1,
};

/** A trial that the pruner would have stopped. */
export interface ReplayedStop {
  readonly trial: number;
  /** Where, in the budget's unit, and how much of its training was left. */
  readonly at: number;
  readonly saved: number;
  /** Its best value up to there, and in the end. */
  readonly bestThen: number | null;
  readonly bestInTheEnd: number | null;
  readonly reason: string;
  readonly evidence: readonly number[];
}

export interface RankedAt {
  /** In the budget's unit. */
  readonly at: number;
  /** Complete configurations that have a value there. */
  readonly count: number;
  /** Kendall's tau-b between the best values up to there and the best in the end. */
  readonly tau: number | null;
}

/** What the pruner would have done had the trials started in another order. */
export interface ReplayedOrder {
  readonly savedShare: number;
  /** Null where no complete configuration would have been kept. */
  readonly regret: number | null;
}

/** A configuration whose trials all ran to their end. */
export interface ValuedConfiguration {
  /** Its number; where a study has one trial for each, and none are given, the trial's. */
  readonly configuration: number;
  readonly trials: readonly number[];
  /** Mean over its trials of each one's best value. */
  readonly value: number;
}

export interface ReplayNumbers {
  readonly unit: BudgetUnit;
  readonly slots: number;
  /** Trials replayed, and configurations of which every trial ran to its end with a finite value. */
  readonly trials: number;
  readonly complete: number;
  /** Whether a configuration has several trials. */
  readonly isAggregated: boolean;
  /** Trials whose curves had been cut short already, by a pruner or a person: what they would have lost cannot be known. */
  readonly cutShort: readonly number[];
  /** What was trained, and what of it would not have been, in the budget's unit. */
  readonly trained: number;
  readonly saved: number;
  /** Share of the compute saved: of the training time where it is known (`isTimed`), else of what was trained. */
  readonly savedShare: number;
  readonly isTimed: boolean;
  /** From the first start to the last end on so many slots: ms where timed, else the budget's unit. */
  readonly makespan: { readonly without: number; readonly with: number };
  /** The best configuration, and the best of those of which the pruner stops no trial. */
  readonly best: ValuedConfiguration | null;
  readonly bestKept: ValuedConfiguration | null;
  /** How much worse the kept best is than the true one, 0 or more; null where there is none of either. */
  readonly regret: number | null;
  /** The top tenth of the configurations (three at least), and those of them of which a trial would have been stopped. */
  readonly top: readonly number[];
  readonly topStopped: readonly number[];
  readonly rankCorrelations: readonly RankedAt[];
  readonly otherOrders: readonly ReplayedOrder[];
}

export interface PrunerReplay {
  readonly verdict: ReplayVerdict;
  readonly status: CheckStatus;
  /** One sentence: what it would have saved and lost. */
  readonly reason: string;
  readonly numbers: ReplayNumbers;
  /** Numbers of the trials that it would have stopped, in the order in which they started. */
  readonly trials: readonly number[];
  readonly stops: readonly ReplayedStop[];
  /** The whole for people, a sentence each: savings, the best trial, the top, whether early values could tell, reservations. */
  readonly sentences: readonly string[];
  /** What to do. */
  readonly advice: string;
  readonly thresholds: ReplayThresholds;
}
