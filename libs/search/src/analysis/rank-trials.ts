import type { Direction } from '@kinetune/study';
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
  const known = rankings[direction].get(trials) ?? ranking(trials, direction);
  rankings[direction].set(trials, known);
  return known as readonly (T & { readonly bestValue: number })[];
}

/** A dozen checks of a report ask for the ranking of the same list, which nobody changes. */
const rankings: Readonly<Record<Direction, WeakMap<readonly AnalysedTrial[], readonly RankedTrial[]>>> = {
  maximise: new WeakMap(),
  minimise: new WeakMap(),
};

function ranking(trials: readonly AnalysedTrial[], direction: Direction): readonly RankedTrial[] {
  const sign = direction === 'maximise' ? -1 : 1;
  const counted = trials.filter(
    (trial): trial is RankedTrial =>
      trial.state === 'COMPLETED' && trial.bestValue !== null && Number.isFinite(trial.bestValue),
  );
  // Arrays of numbers are compared several times as fast as fields of ten thousand objects.
  const values = Float64Array.from(counted, ({ bestValue }) => sign * bestValue);
  const numbers = Float64Array.from(counted, ({ number }) => number);
  const difference = (of: Float64Array, a: number, b: number): number => (of[a] as number) - (of[b] as number);
  return Array.from(counted.keys())
    .sort((a, b) => difference(values, a, b) || difference(numbers, a, b))
    .map((index) => counted[index] as RankedTrial);
}

/** How many of `count` ranked trials are "the top": a tenth, and at least three. Ours (playbook-practices, 46 and 51). */
export function topCount(count: number): number {
  return Math.min(count, Math.max(3, Math.ceil(count / 10)));
}
