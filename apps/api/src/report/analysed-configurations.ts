/** Configurations as analysis wants them: one a configuration, whatever the number of its trials. */
import type { SteppedTrial } from '@kinetune/search';
import { resolveValues, type Space, type TrialState } from '@kinetune/study';
import type { Trial } from '@kinetune/storage';
import { inSpaceOrder } from '../studies/space-order.ts';

/** A configuration and its trials: other seeds, other folds. */
export interface AnalysedConfiguration extends SteppedTrial {
  readonly trials: readonly Trial[];
}

/** What one trial makes of its configuration, the gravest first: one that diverges with some seeds is not one that never does. */
const GRAVITY: readonly TrialState[] = [
  'INFEASIBLE',
  'PRUNED',
  'RUNNING',
  'QUEUED',
  'FAILED',
  'CANCELLED',
  'COMPLETED',
];

/**
 * In the order of their numbers. The value is the mean over the trials, which all must have completed; the best step is the median
 * trial's. A replicate that is queued or running leaves its configuration the mean of the completed ones.
 */
export function analysedConfigurations(trials: readonly Trial[], space: Space): readonly AnalysedConfiguration[] {
  const groups = Map.groupBy(trials, ({ number }) => number);
  return [...groups.entries()].sort(([a], [b]) => a - b).map(([number, group]) => analysed(number, group, space));
}

function analysed(number: number, trials: readonly Trial[], space: Space): AnalysedConfiguration {
  const completed = trials.filter(({ state }) => state === 'COMPLETED');
  const ended = trials.filter(({ state }) => state === 'INFEASIBLE' || state === 'PRUNED');
  const state =
    completed.length > 0 && ended.length === 0
      ? 'COMPLETED'
      : (GRAVITY.find((one) => trials.some((trial) => trial.state === one)) as TrialState);
  const [first] = trials as [Trial];
  const values = completed.flatMap(({ bestValue }) => bestValue ?? []);
  const decisive = ended[0] ?? middle(completed) ?? first;
  return {
    number,
    trials,
    state,
    values: inSpaceOrder(first.values, space),
    bestValue:
      state === 'COMPLETED'
        ? values.length === completed.length
          ? values.reduce((sum, value) => sum + value, 0) / values.length
          : null
        : decisive.bestValue,
    reasonCode: decisive.reasonCode,
    bestStep: decisive.bestStep,
    totalSteps: decisive.totalSteps,
  };
}

/** The trial in the middle by its best step. */
function middle(trials: readonly Trial[]): Trial | undefined {
  const sorted = [...trials].sort((a, b) => (a.bestStep ?? 0) - (b.bestStep ?? 0));
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** Every value that the training used, by leaf name, fixed ones included. */
export function trainedValues(space: Space, { values }: Pick<AnalysedConfiguration, 'values'>): SteppedTrial['values'] {
  return resolveValues(space, values);
}
