import type { AnalysedTrial } from './analysed-trial.ts';
import { wilsonInterval } from './statistics/wilson-interval.ts';

export interface InfeasibleShare {
  readonly infeasible: number;
  /** Trials that gave a result: completed, pruned or infeasible. Failed ones are the machine's and tell nothing. */
  readonly finished: number;
  /** Null when none has finished. */
  readonly share: number | null;
  /** 95 % Wilson interval. */
  readonly interval: readonly [number, number] | null;
  /** Numbers of the infeasible trials. */
  readonly trials: readonly number[];
}

/** How large a part of the space cannot be trained, judged by the trials drawn from it. */
export function infeasibleShare(trials: readonly AnalysedTrial[]): InfeasibleShare {
  const bad = trials.filter(({ state }) => state === 'INFEASIBLE');
  const finished = bad.length + trials.filter(({ state }) => state === 'COMPLETED' || state === 'PRUNED').length;
  const numbers = bad.map(({ number }) => number);
  if (finished === 0) return { infeasible: 0, finished, share: null, interval: null, trials: numbers };
  return {
    infeasible: bad.length,
    finished,
    share: bad.length / finished,
    interval: wilsonInterval(bad.length, finished),
    trials: numbers,
  };
}
