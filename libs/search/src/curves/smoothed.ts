/** A curve's course and the noise about it, for curves of five to some thousand evaluations. */
import { mean, median } from '../analysis/statistics/moments.ts';

/** Centred: the median of three takes single outliers away, the mean of three of these what is left; shorter at the ends. */
export function smoothed(values: readonly number[]): readonly number[] {
  const around = (all: readonly number[], i: number): readonly number[] => all.slice(Math.max(0, i - 1), i + 2);
  const medians = values.map((_, i) => median(around(values, i)));
  return medians.map((_, i) => mean(around(medians, i)));
}

/**
 * Standard deviation of a single evaluation, from second differences, which a smooth course hardly has: 1.4826 makes the median
 * absolute value of a normal its standard deviation, and second differences of white noise have six times its variance.
 * 0 for fewer than three values.
 */
export function noiseOf(values: readonly number[]): number {
  const differences = values
    .slice(2)
    .map((value, i) => Math.abs(value - 2 * (values[i + 1] as number) + (values[i] as number)));
  return differences.length === 0 ? 0 : (1.4826 * median(differences)) / Math.sqrt(6);
}

export function indexOfLowest(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value < (values[best] as number) ? i : best), 0);
}

/** The level at the end: the median of the last eighth, of three evaluations at least. */
export function levelAtEnd(values: readonly number[]): number {
  return median(values.slice(-Math.max(3, Math.ceil(values.length / 8))));
}
