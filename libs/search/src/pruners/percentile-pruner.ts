/**
 * The percentile rule: a trial stops when its best value so far is worse than a percentile of what completed trials had
 * at the same epoch. With 50 it is the median rule (Golovin et al. 2017, "Google Vizier", 3.2.2; Optuna's MedianPruner).
 *
 * The best so far is compared with the others' values at that epoch, not with their bests: a jittery curve that was good
 * once is not stopped in a bad epoch.
 *
 * Only completed trials are compared with, so the bar rises as the poor ones are stopped: a percentile of survivors. A replay
 * shows what that costs.
 *
 * Against Optuna 5's PercentilePruner, whose decisions ours are elsewhere:
 * - `startupTrials` counts completed trials that have a finite value at that epoch (Optuna: any completed; its n_min_trials
 *   counts values that are not finite too), so that five trials that ended early do not leave one to judge by;
 * - a completed trial that did not measure at exactly that epoch is read at its last measurement before (Optuna: left out);
 * - a trial without one finite value is stopped once others have values to compare (Optuna: at once);
 * - nothing is stopped before a tenth of the training (Optuna: from the first value on);
 * - a training at its end is never stopped.
 */
import type { Objective } from '@kinetune/study';
import { quantile } from '../analysis/statistics/moments.ts';
import { bestOf, carryOn, hasReached, indexAt, prunerOf, pruneWithoutValue, type JudgedTrial } from './judged-trial.ts';
import { checkOption, tenthOf } from './options.ts';
import type { Pruner, PruningDecision } from './pruner.ts';
import { placeOf, showApart, showPosition } from './wording.ts';

export interface PercentileOptions {
  /** Trials in the best so many percent go on, 0 to 100. Default 50: the median. */
  readonly percentile?: number;
  /** Nothing is stopped before so many completed trials can be compared with. Default 5. */
  readonly startupTrials?: number;
  /** Nothing is stopped earlier in its training, in the budget's unit. Default: a tenth of the budget. */
  readonly warmup?: number;
  /** How often a trial is judged from the warm-up on, in the budget's unit. Default 1. */
  readonly interval?: number;
  /** The metric that is looked at. Default: the study's objective. */
  readonly watch?: Objective;
}

interface PercentileRule {
  readonly percentile: number;
  readonly startupTrials: number;
  readonly warmup: number | undefined;
  readonly interval: number;
}

/** @throws InputError for options out of range. */
export function createPercentilePruner({
  percentile = 50,
  startupTrials = 5,
  warmup,
  interval = 1,
  watch,
}: PercentileOptions = {}): Pruner {
  checkOption('percentile', percentile, { isValid: percentile >= 0 && percentile <= 100, expected: 'from 0 to 100' });
  const isCount = Number.isInteger(startupTrials) && startupTrials >= 0;
  checkOption('startupTrials', startupTrials, { isValid: isCount, expected: 'a whole number of trials' });
  if (warmup !== undefined) checkOption('warmup', warmup, { isValid: warmup >= 0, expected: 'at least 0' });
  checkOption('interval', interval, { isValid: interval > 0, expected: 'more than 0' });
  return prunerOf((trial) => judge(trial, { percentile, startupTrials, warmup, interval }), watch);
}

function judge(trial: JudgedTrial, rule: PercentileRule): PruningDecision {
  const { at, before, direction, budget } = trial;
  const { percentile, startupTrials, warmup = tenthOf(budget.total), interval } = rule;
  if (!hasReached(at, warmup)) {
    return carryOn(`${placeOf(at, budget.unit)} lies in the warm-up, which ends at ${showPosition(warmup)}`, at);
  }
  // The last point at which a judgement was due; when the measurement before this one had reached it, it has been made.
  const due = warmup + Math.floor((at - warmup) / interval + 1e-9) * interval;
  if (hasReached(before, due)) {
    const next = placeOf(due + interval, budget.unit);
    return carryOn(`judged at ${placeOf(due, budget.unit)} already and not again before ${next}`, at);
  }
  const compared = valuesAt(trial);
  const needed = Math.max(1, startupTrials);
  if (compared.length < needed) {
    const count = `${compared.length} of the ${needed} completed trials`;
    return carryOn(`${count} that are needed to judge by have a value at ${placeOf(at, budget.unit)}`, at);
  }
  const value = bestOf(trial.values, direction);
  if (value === null) return pruneWithoutValue(trial);
  const sorted = [...Float64Array.from(compared, (one) => one.value).sort()];
  const threshold = quantile(sorted, (direction === 'maximise' ? 100 - percentile : percentile) / 100);
  const isWorse = direction === 'maximise' ? value < threshold : value > threshold;
  const [shown, limit] = showApart(value, threshold);
  const side = value === threshold ? 'equal to' : value < threshold ? 'below' : 'above';
  const of =
    percentile === 50
      ? `the median of ${compared.length} completed trials there`
      : `which the best ${showPosition(percentile)} % of ${compared.length} completed trials reach there`;
  return {
    verdict: isWorse ? 'prune' : 'continue',
    reason: `at ${placeOf(at, budget.unit)} the best ${trial.metric} so far, ${shown}, is ${side} ${limit}, ${of}`,
    evidence: compared.map(({ number }) => number).sort((a, b) => a - b),
    at,
    value,
    threshold,
  };
}

/** The completed trials that have a finite value where the judged one stands. */
function valuesAt({ at, metric, others, budget }: JudgedTrial): readonly { number: number; value: number }[] {
  const compared: { number: number; value: number }[] = [];
  for (const other of others()) {
    if (other.state !== 'COMPLETED') continue;
    const positions = other[budget.unit];
    const reached = indexAt(positions, at);
    const index = reached >= 0 && hasReached(at, positions[reached] as number) ? reached : reached - 1;
    const value = other.values[metric]?.[index] ?? null;
    if (value !== null && Number.isFinite(value)) compared.push({ number: other.number, value });
  }
  return compared;
}
