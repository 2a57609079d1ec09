/**
 * Hyperband (Li et al. 2018, "Hyperband", JMLR 18) over asynchronous successive halving: how early to stop is itself
 * uncertain, so trials are dealt to brackets that begin to stop at grace, grace * eta, grace * eta^2, ... There are
 * s_max + 1 = floor(log_eta(R / grace)) + 1 brackets for a training of length R; bracket s, which skips the first s rungs,
 * gets a share of the trials in proportion to ceil((s_max + 1) * eta^(s_max - s) / (s_max - s + 1)), the paper's n for an equal budget
 * each. Trials compete within their bracket.
 *
 * The bracket follows from the trial's number by a hash, so any process deals the same. Not in turn: the points of
 * a quasi-random search repeat their halves and thirds in step with their numbers, and a bracket would get one half.
 *
 * Against Optuna 5's HyperbandPruner: the same brackets and shares, except where R / grace is a power of eta whose logarithm
 * it rounds down (243 and 3: it has one bracket fewer); it hashes the study's name with the number; within a bracket what is
 * said of its successive halving. The last bracket begins at R or just below it, where Optuna stops trials
 * that have finished.
 */
import { deriveSeed } from '@kinetune/study';
import { prunerOf } from './judged-trial.ts';
import type { Pruner } from './pruner.ts';
import {
  halvingRule,
  judgeRungs,
  type HalvingRule,
  type SuccessiveHalvingOptions,
} from './successive-halving-pruner.ts';

/** As those of successive halving; `eta` is 3 by default, `grace` the first rung of the earliest bracket. */
export type HyperbandOptions = SuccessiveHalvingOptions;

/** @throws InputError for options out of range. */
export function createHyperbandPruner({ watch, ...options }: HyperbandOptions = {}): Pruner {
  const ruleAt = halvingRule(options, 3);
  return prunerOf((trial) => {
    const rule = ruleAt(trial.budget.total);
    const shares = bracketShares(rule, trial.budget.total);
    const bracket = bracketOf(trial.number, shares);
    const others = () => trial.others().filter(({ number }) => bracketOf(number, shares) === bracket);
    const decision = judgeRungs({ ...trial, others }, { ...rule, grace: rule.grace * rule.eta ** bracket });
    return { ...decision, reason: `bracket ${bracket + 1} of ${shares.length}: ${decision.reason}` };
  }, watch);
}

/** How many trials in a cycle each bracket gets, the one that stops earliest first. */
export function bracketShares({ eta, grace }: Pick<HalvingRule, 'eta' | 'grace'>, total: number): readonly number[] {
  // log(1000) / log(10) is 2.999...: the last bracket would be lost to rounding.
  const count = Math.max(1, Math.floor(Math.log(total / grace) / Math.log(eta) + 1e-9) + 1);
  return Array.from({ length: count }, (_, bracket) => {
    const halvings = count - 1 - bracket;
    return Math.ceil((count * eta ** halvings) / (halvings + 1));
  });
}

/** The bracket of the trial of this number, 0 to shares.length - 1. */
export function bracketOf(number: number, shares: readonly number[]): number {
  let rest = deriveSeed('hyperband', number) % shares.reduce((sum, share) => sum + share, 0);
  return shares.findIndex((share) => (rest -= share) < 0);
}
