import type { TrialState, Values } from '@kinetune/study';
import type { AnalysedTrial } from '../analysis/analysed-trial.ts';

/** A trial of these values; completed with a value, infeasible without one. */
export function trialOf(
  number: number,
  values: Values,
  bestValue: number | null,
  state: TrialState = bestValue === null ? 'INFEASIBLE' : 'COMPLETED',
): AnalysedTrial {
  return { number, values, bestValue, state };
}
