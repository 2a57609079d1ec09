/** Configurations as analysis wants them: one a configuration, whatever the number of its trials. */
import type { SteppedTrial } from '@kinetune/search';
import { resolveValues, type Space, type TrialState, type Values } from '@kinetune/study';
import type { TrialResult } from '@kinetune/storage';
import { inSpaceOrder } from '../studies/space-order.ts';

/** A configuration and its trials: other seeds, other folds. */
export interface AnalysedConfiguration extends SteppedTrial {
  /** Every value that the training used, by leaf name, fixed ones included. */
  readonly trainedValues: Values;
  readonly trials: readonly TrialResult[];
}

/**
 * In the order of their numbers. What a configuration is whose trials differ, and its value, are as the sampler is told
 * (`samplerHistory`): infeasible where one trial is; the value is the mean over folds of the mean over their completed trials,
 * once every fold has one. The best step is the median trial's.
 */
export function analysedConfigurations(trials: readonly TrialResult[], space: Space): readonly AnalysedConfiguration[] {
  const groups = Map.groupBy(trials, ({ number }) => number);
  return [...groups.entries()]
    .sort(([a], [b]) => a - b)
    .map(([number, group]) => analysedConfiguration(number, group, space));
}

/** One of them. @param trials its own, by replicate. */
export function analysedConfiguration(
  number: number,
  trials: readonly TrialResult[],
  space: Space,
): AnalysedConfiguration {
  const completed = trials.filter(({ state }) => state === 'COMPLETED');
  const decisive = trials.find(isInfeasible) ?? trials.find(({ state }) => state === 'PRUNED');
  const folds = [...Map.groupBy(trials, ({ fold }) => fold).values()];
  const means = folds.flatMap((fold) => meanOf(completedValues(fold)) ?? []);
  const isWhole = decisive === undefined && means.length === folds.length;
  const shown = decisive ?? (isWhole ? middle(completed) : undefined) ?? unfinished(trials);
  return {
    number,
    trials,
    state: isWhole ? 'COMPLETED' : isInfeasible(shown) ? 'INFEASIBLE' : shown.state,
    values: inSpaceOrder(shown.values, space),
    trainedValues: resolveValues(space, shown.values),
    bestValue: isWhole ? meanOf(means) : isInfeasible(shown) ? null : shown.bestValue,
    reasonCode: shown.reasonCode,
    bestStep: shown.bestStep,
    totalSteps: shown.totalSteps,
  };
}

/** A training that completed without one finite value says the same as one that was given up. */
function isInfeasible({ state, bestValue }: Pick<TrialResult, 'state' | 'bestValue'>): boolean {
  return state === 'INFEASIBLE' || (state === 'COMPLETED' && bestValue === null);
}

const UNFINISHED: readonly TrialState[] = ['RUNNING', 'QUEUED', 'FAILED', 'CANCELLED'];

function unfinished(trials: readonly TrialResult[]): TrialResult {
  const state = UNFINISHED.find((one) => trials.some((trial) => trial.state === one));
  return trials.find((trial) => trial.state === state) ?? (trials[0] as TrialResult);
}

/** The best values of the trials that completed. */
export function completedValues(trials: readonly Pick<TrialResult, 'state' | 'bestValue'>[]): readonly number[] {
  return trials.flatMap(({ state, bestValue }) => (state === 'COMPLETED' && bestValue !== null ? [bestValue] : []));
}

/** Null of none. */
export function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The trial in the middle by its best step. */
function middle(trials: readonly TrialResult[]): TrialResult | undefined {
  const sorted = [...trials].sort((a, b) => (a.bestStep ?? 0) - (b.bestStep ?? 0));
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
