/** Curves freed of their jitter, by what came before alone: a value never changes when the next one arrives. */
import { median } from '../analysis/statistics/moments.ts';

export const SMOOTHING_KINDS = ['none', 'exponential', 'median'] as const;
export type SmoothingKind = (typeof SMOOTHING_KINDS)[number];

export interface Smoothing {
  readonly kind: SmoothingKind;
  /**
   * Over how many measurements. exponential: alpha = 2 / (window + 1), whose weights are as old on average as those of a plain
   * mean of the window, divided by their sum, so that the start is not drawn to the first value; median: of the last `window`.
   */
  readonly window: number;
}

/**
 * One value for each measurement. Null where it was not finite, and where fewer than `window` finite values have come yet:
 * such a value is as jittery as the curve itself, and a lucky one would be the best for a long time.
 */
export function smoothCurve(
  values: readonly (number | null)[],
  { kind, window }: Smoothing,
): readonly (number | null)[] {
  if (kind === 'none' || window === 1) return values;
  const alpha = 2 / (window + 1);
  const last: number[] = [];
  let sum = 0;
  let weight = 0;
  let seen = 0;
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return null;
    seen += 1;
    if (kind === 'median') {
      last.push(value);
      if (last.length > window) last.shift();
      return seen < window ? null : median(last);
    }
    sum = (1 - alpha) * sum + alpha * value;
    weight = (1 - alpha) * weight + alpha;
    return seen < window ? null : sum / weight;
  });
}
