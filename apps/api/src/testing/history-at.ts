/** What a sampler was told at an earlier moment, from the event log: independent of the query that told it then. */
import type { History } from '@kinetune/search';
import type { StudyEvent, Trial } from '@kinetune/storage';
import type { TrialState } from '@kinetune/study';

export interface HistoryAtOptions {
  readonly events: readonly StudyEvent[];
  /** As they ended, one a configuration. */
  readonly trials: readonly Trial[];
  /** Of the last event that counts. */
  readonly sequence: number;
}

export function historyAt({ events, trials, sequence }: HistoryAtOptions): History {
  const states = new Map<string, TrialState>();
  for (const { sequence: at, type, trialId, detail } of events) {
    if (at <= sequence && type === 'trial-changed' && trialId !== null)
      states.set(trialId, (detail as { state: TrialState }).state);
  }
  const of = (...wanted: readonly TrialState[]): readonly Trial[] =>
    trials.filter(({ id }) => wanted.includes(states.get(id) as TrialState));
  return {
    observed: of('COMPLETED').map(({ values, bestValue }) => ({
      values,
      objective: bestValue as number,
      replicates: 1,
    })),
    infeasible: of('INFEASIBLE').map(({ values }) => values),
    pending: of('QUEUED', 'RUNNING').map(({ values }) => values),
    pruned: [],
  };
}
