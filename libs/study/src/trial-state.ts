/** The states of a trial. Infeasible is a result of the configuration; failed is the machine's fault and is retried. */
export const TRIAL_STATES = ['QUEUED', 'RUNNING', 'COMPLETED', 'PRUNED', 'INFEASIBLE', 'FAILED', 'CANCELLED'] as const;

export type TrialState = (typeof TRIAL_STATES)[number];

const FINISHED: ReadonlySet<TrialState> = new Set(['COMPLETED', 'PRUNED', 'INFEASIBLE', 'FAILED', 'CANCELLED']);

/** Whether a trial in this state will never run again. */
export function isFinished(state: TrialState): boolean {
  return FINISHED.has(state);
}
