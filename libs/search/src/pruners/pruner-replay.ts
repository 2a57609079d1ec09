/** What a replay says: the verdict on a pruner, the numbers behind it and the trials behind those. */
import type { CheckStatus } from '../analysis/check.ts';
import type { BudgetUnit } from './pruner.ts';

/**
 * saves: worth enabling. idle: it would hardly have saved anything. loses: it would have cost more of the objective than is
 * tolerated, as the trials started or in too many other orders. too-few: too few complete trainings to tell.
 */
export const REPLAY_VERDICTS = ['saves', 'idle', 'loses', 'too-few'] as const;
export type ReplayVerdict = (typeof REPLAY_VERDICTS)[number];

export interface ReplayThresholds {
  /** Fewer complete trainings say nothing. */
  readonly fewestTrials: number;
  /** A smaller share of the compute is not worth a pruner. */
  readonly worthwhileShare: number;
  /** Regret that is no loss, in the objective's unit: the retrain standard deviation is a good choice. */
  readonly toleratedRegret: number;
  /** Share of the other orders of starting in which more may be lost. */
  readonly toleratedLossShare: number;
}
export const REPLAY_THRESHOLDS: ReplayThresholds = {
  fewestTrials: 10,
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
  /** Complete trainings that have a value there. */
  readonly trials: number;
  /** Kendall's tau-b between the best values up to there and the best in the end. */
  readonly tau: number | null;
}

/** What the pruner would have done had the trials started in another order. */
export interface ReplayedOrder {
  readonly savedShare: number;
  /** Null where no complete training would have been kept. */
  readonly regret: number | null;
}

export interface ValuedTrial {
  readonly trial: number;
  readonly value: number;
}

export interface ReplayNumbers {
  readonly unit: BudgetUnit;
  readonly slots: number;
  /** Trials replayed, and those of them that ran to their end. */
  readonly trials: number;
  readonly complete: number;
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
  /** The best trial that ran to its end, and the best of those that the pruner keeps. */
  readonly best: ValuedTrial | null;
  readonly bestKept: ValuedTrial | null;
  /** How much worse the kept best is than the true one, 0 or more; null where there is none of either. */
  readonly regret: number | null;
  /** The top tenth (three at least), and those of them that would have been stopped. */
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
  /** Numbers of the trials that it would have stopped, in the order of their stops' places in the study. */
  readonly trials: readonly number[];
  readonly stops: readonly ReplayedStop[];
  /** The whole for people, a sentence each: savings, the best trial, the top, whether early values could tell, reservations. */
  readonly sentences: readonly string[];
  /** What to do. */
  readonly advice: string;
  readonly thresholds: ReplayThresholds;
}
