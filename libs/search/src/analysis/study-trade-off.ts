/**
 * Three wishes pull apart: enough scientific values, wide enough nuisance ranges, dense enough sampling (Deep Learning Tuning Playbook,
 * "Striking a balance between informative and affordable experiments"; practice 37). Two of them fixed, the budget says the third; what
 * it costs is counted from trials that ran.
 */
import type { Space } from '@kinetune/study';
import { budgetMeter, BUDGET_METER_THRESHOLDS, type BudgetNumbers } from './budget-meter.ts';
import type { Check } from './check.ts';
import { median } from './statistics/moments.ts';
import { showCount, showDuration, showNumber } from './wording.ts';

export interface TradeOffNumbers extends BudgetNumbers {
  /** Scientific values that the trials suffice for, with the nuisance hyperparameters as they are; 0 where for none. */
  readonly affordableValues: number;
  /** Nuisance hyperparameters that they suffice for, with the scientific values as they are. */
  readonly affordableDimensions: number;
  /** Of one trial, in the median; null where no duration is known. */
  readonly trialMs: number | null;
  /** Of the study's trials, and of as many as would be enough, on so many slots. */
  readonly studyMs: number | null;
  readonly enoughMs: number | null;
  readonly parallelism: number;
}

export const TRADE_OFF_VERDICTS = ['balanced', 'thin'] as const;
export type TradeOff = Check<(typeof TRADE_OFF_VERDICTS)[number], TradeOffNumbers>;

export interface TradeOffOptions {
  readonly trialCount: number;
  /** Wall time of trials that ran, in milliseconds. */
  readonly durations?: readonly { readonly trial: number; readonly durationMs: number }[];
  readonly parallelism?: number;
  readonly thresholds?: Partial<Record<keyof typeof BUDGET_METER_THRESHOLDS, number>>;
}

/** `trials` of the check are those that were timed. */
export function tradeOff(
  space: Space,
  { trialCount, durations = [], parallelism = 1, thresholds = {} }: TradeOffOptions,
): TradeOff {
  const { enough } = { ...BUDGET_METER_THRESHOLDS, ...thresholds };
  const { numbers: budget, verdict, reason, next } = budgetMeter(space, { trialCount, thresholds });
  const trialMs = durations.length === 0 ? null : median(durations.map(({ durationMs }) => durationMs));
  const lasting = (trials: number): number | null =>
    trialMs === null ? null : Math.ceil(trials / parallelism) * trialMs;
  const numbers: TradeOffNumbers = {
    ...budget,
    affordableValues: Math.floor(trialCount / (enough * Math.max(budget.nuisanceDimensions, 1))),
    affordableDimensions: Math.floor(trialCount / (enough * budget.scientificValues)),
    trialMs,
    studyMs: lasting(trialCount),
    enoughMs: lasting(budget.enoughTrials),
    parallelism,
  };
  const base = { numbers, trials: durations.map(({ trial }) => trial) };
  const cost =
    trialMs === null || numbers.studyMs === null
      ? 'what a trial costs is not known'
      : `a trial takes ${showDuration(trialMs)}, the study ${showDuration(numbers.studyMs)} on ${showCount(parallelism, 'slot')}`;
  if (verdict === 'enough') return { ...base, verdict: 'balanced', status: 'pass', reason: `${reason}; ${cost}`, next };
  const enoughCost = numbers.enoughMs === null ? '' : ` (${showDuration(numbers.enoughMs)})`;
  return {
    ...base,
    verdict: 'thin',
    status: 'caution',
    reason: `${showCount(trialCount, 'trial')} for ${showCount(budget.scientificValues, 'scientific value')} and ${showCount(budget.nuisanceDimensions, 'nuisance hyperparameter')}, ${showNumber(budget.trialsPerDimension ?? budget.trialsPerValue)} each: dense enough for ${showCount(numbers.affordableValues, 'value')} with these nuisance hyperparameters, or for ${showCount(numbers.affordableDimensions, 'nuisance hyperparameter')} with these values, or with ${budget.enoughTrials} trials${enoughCost}; ${cost}`,
    next,
  };
}
