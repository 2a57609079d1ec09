/**
 * Patience on a smoothed curve: a trial stops when its smoothed curve has not got better for `patience` epochs. One bad
 * epoch, or a jittery curve that still rises under its jitter, is no reason (the complaint that optuna#1447 records).
 *
 * A second pruner must agree, by default the median rule; it sees the smoothed curves of all trials. A trial that has come to rest
 * above the others is a good one, and a stopped trial is out of the ranking: alone (`only: null`), patience stops the best
 * trials with the rest (all of the top 6 of 60 trainings on the watch recordings: `real-trainings.test.ts`).
 * A trial without a finite value for a whole patience is stopped without asking.
 *
 * Against Optuna 5's PatientPruner, whose decisions ours are with smoothing `none`, its wrapped pruner (none: null) and a
 * patience of one more than its own (it needs patience + 1 values without a better one):
 * - patience counts in the budget's unit, not in measurements;
 * - a gain of `minimumGain` or less is none (as in Keras). Optuna's min_delta is a loss that is tolerated: a curve that stays
 *   where it is never stops there;
 * - a patience without one finite value is a stall (Optuna: never stops such a trial).
 */
import type { Objective } from '@kinetune/study';
import { bestOf, carryOn, hasReached, indexAt, prunerOf, pruneWithoutValue, type JudgedTrial } from './judged-trial.ts';
import { checkChoice, checkOption } from './options.ts';
import { createPercentilePruner } from './percentile-pruner.ts';
import type { Pruner, PruningDecision, PruningRequest, TrialCurve } from './pruner.ts';
import { smoothCurve, SMOOTHING_KINDS, type Smoothing } from './smooth-curve.ts';
import { placeOf, showApart, showPosition, showValue } from './wording.ts';

export interface PatienceOptions {
  /** How long without a better smoothed value, in the budget's unit. Default: a fifth of the budget. */
  readonly patience?: number;
  /** Default: exponential, over 5 measurements. */
  readonly smoothing?: Smoothing;
  /** A smoothed value counts as better when it is so by more than this, in the metric's unit. Default 0. */
  readonly minimumGain?: number;
  /** A pruner that must agree; it is asked about the smoothed curves. Default: the median rule; null: none need agree. */
  readonly only?: Pruner | null;
  /** The metric that is looked at. Default: the study's objective. */
  readonly watch?: Objective;
}

interface PatienceRule {
  readonly patience: number | undefined;
  readonly smoothing: Smoothing;
  readonly minimumGain: number;
}

/** @throws InputError for options out of range. */
export function createPatiencePruner({
  patience,
  smoothing = { kind: 'exponential', window: 5 },
  minimumGain = 0,
  only,
  watch,
}: PatienceOptions = {}): Pruner {
  if (patience !== undefined) checkOption('patience', patience, { isValid: patience > 0, expected: 'more than 0' });
  checkOption('minimumGain', minimumGain, { isValid: minimumGain >= 0, expected: 'at least 0' });
  checkChoice('smoothing.kind', smoothing.kind, SMOOTHING_KINDS);
  checkOption('smoothing.window', smoothing.window, {
    isValid: Number.isInteger(smoothing.window) && smoothing.window >= 1,
    expected: 'a whole number of measurements, at least 1',
  });
  const second = only === undefined ? createPercentilePruner(watch === undefined ? {} : { watch }) : only;
  return prunerOf((trial, request) => {
    const stalled = judge(trial, { patience, smoothing, minimumGain });
    if (stalled.verdict === 'continue' || stalled.value === null || second === null) return stalled;
    const decision = second(smoothed(request, { metric: trial.metric, smoothing }));
    return { ...decision, reason: `${stalled.reason}; ${decision.reason}` };
  }, watch);
}

function judge(trial: JudgedTrial, { patience, smoothing, minimumGain }: PatienceRule): PruningDecision {
  const { at, number, metric, direction, positions, budget } = trial;
  const wait = patience ?? Math.max(1, Math.round(budget.total / 5));
  const values = smoothCurve(trial.values, smoothing);
  const patienceLong = `${showPosition(wait)} ${budget.unit}`;
  // Measurements up to `wait` ago, and those since; a patience that reaches back to the start has nothing to compare with.
  const since = at - wait;
  const count = countUpTo(positions, since);
  if (count === 0) return carryOn(`${placeOf(at, budget.unit)} is within the first patience of ${patienceLong}`, at);
  if (trial.values.slice(count).every((value) => value === null)) {
    if (trial.values.every((value) => value === null)) return pruneWithoutValue(trial);
    const reason = `${metric} has not been finite for ${patienceLong} at ${placeOf(at, budget.unit)}`;
    return { verdict: 'prune', reason, evidence: [number], at, value: null, threshold: null };
  }
  const before = bestOf(values, direction, count);
  const after = bestOf(values.slice(count), direction);
  const name = smoothing.kind === 'none' || smoothing.window === 1 ? metric : `smoothed ${metric}`;
  if (before === null || after === null) {
    return carryOn(`${name} is known for less than ${patienceLong} at ${placeOf(at, budget.unit)}`, at);
  }
  const gain = direction === 'maximise' ? after - before : before - after;
  const [shown, limit] = showApart(after, before);
  const comparison = `the best ${name} of the last ${patienceLong}, ${shown}, against ${limit} before`;
  const more = minimumGain === 0 ? '' : ` by more than ${showValue(minimumGain)}`;
  const isStalled = gain <= minimumGain;
  return {
    verdict: isStalled ? 'prune' : 'continue',
    reason: `at ${placeOf(at, budget.unit)} ${isStalled ? `no gain${more}` : 'still improving'}: ${comparison}`,
    evidence: [number],
    at,
    value: after,
    threshold: before,
  };
}

/** How many positions lie at a mark or before it. */
function countUpTo(positions: readonly number[], mark: number): number {
  const index = indexAt(positions, mark);
  return index < 0 ? positions.length : index + (hasReached(mark, positions[index] as number) ? 1 : 0);
}

/** The request with this metric smoothed in every curve. */
function smoothed(
  request: PruningRequest,
  { metric, smoothing }: { readonly metric: string; readonly smoothing: Smoothing },
): PruningRequest {
  const smooth = (curve: TrialCurve): TrialCurve => {
    const column = curve.values[metric];
    return column === undefined
      ? curve
      : { ...curve, values: { ...curve.values, [metric]: smoothCurve(column, smoothing) } };
  };
  return { ...request, trial: smooth(request.trial), others: request.others.map(smooth) };
}
