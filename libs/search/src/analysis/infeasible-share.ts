import type { AnalysedTrial } from './analysed-trial.ts';

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

/**
 * How large a part of the space cannot be trained, judged by the trials drawn from it.
 * Interval: E. B. Wilson 1927, (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n), z = 1.96.
 */
export function infeasibleShare(trials: readonly AnalysedTrial[]): InfeasibleShare {
  const bad = trials.filter(({ state }) => state === 'INFEASIBLE');
  const finished = bad.length + trials.filter(({ state }) => state === 'COMPLETED' || state === 'PRUNED').length;
  const numbers = bad.map(({ number }) => number);
  if (finished === 0) return { infeasible: 0, finished, share: null, interval: null, trials: numbers };
  const z = 1.959963984540054;
  const share = bad.length / finished;
  const centre = share + (z * z) / (2 * finished);
  const half = z * Math.sqrt((share * (1 - share)) / finished + (z * z) / (4 * finished * finished));
  const scale = 1 + (z * z) / finished;
  const interval = [Math.max(0, (centre - half) / scale), Math.min(1, (centre + half) / scale)] as const;
  return { infeasible: bad.length, finished, share, interval, trials: numbers };
}
