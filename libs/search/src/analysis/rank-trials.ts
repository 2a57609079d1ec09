import { isBetter, type Direction } from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';

/** A trial that counts: it completed, and its value is finite. */
export interface RankedTrial extends AnalysedTrial {
  readonly bestValue: number;
}

/**
 * Completed trials with a finite value, best first; equal ones in the order of their numbers. Pruned trials are left out:
 * their value is that of an unfinished training.
 */
export function rankTrials<T extends AnalysedTrial>(
  trials: readonly T[],
  direction: Direction,
): readonly (T & { readonly bestValue: number })[] {
  return trials
    .filter(
      (trial): trial is T & { readonly bestValue: number } =>
        trial.state === 'COMPLETED' && trial.bestValue !== null && Number.isFinite(trial.bestValue),
    )
    .sort((a, b) => {
      if (isBetter(direction, a.bestValue, b.bestValue)) return -1;
      if (isBetter(direction, b.bestValue, a.bestValue)) return 1;
      return a.number - b.number;
    });
}

/** How many of `count` ranked trials are "the top": a tenth, and at least three. Ours (playbook-practices, 46 and 51). */
export function topCount(count: number): number {
  return Math.min(count, Math.max(3, Math.ceil(count / 10)));
}
