/** A curve's course and the noise about it, for curves of five to some thousand evaluations. */
import { secondDifferenceNoise } from '../analysis/curve-noise.ts';
import { mean, median } from '../analysis/statistics/moments.ts';
import type { Point } from './curve.ts';

/** Centred: the median of three takes single outliers away, the mean of three of these what is left; shorter at the ends. */
export function smoothed(values: readonly number[]): readonly number[] {
  const around = (all: readonly number[], i: number): readonly number[] => all.slice(Math.max(0, i - 1), i + 2);
  const medians = values.map((_, i) => median(around(values, i)));
  return medians.map((_, i) => mean(around(medians, i)));
}

/** Standard deviation of a single evaluation about the curve's course; 0 for fewer than three values. */
export function noiseOf(values: readonly number[]): number {
  return secondDifferenceNoise(values) ?? 0;
}

export function indexOfLowest(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value < (values[best] as number) ? i : best), 0);
}

/** The level at the end: the median of the last eighth, of three evaluations at least. */
export function levelAtEnd(values: readonly number[]): number {
  return median(values.slice(-Math.max(3, Math.ceil(values.length / 8))));
}

/** How far a metric rose from an epoch to the end, as a share of its whole fall; null for too few points to say. */
export function riseOfFall(points: readonly Point[], from: number): number | null {
  const values = points.map(({ value }) => value);
  const since = points.filter(({ epoch }) => epoch >= from).map(({ value }) => value);
  if (values.length < 3 || since.length < 2) return null;
  const fall = (values[0] as number) - Math.min(...values);
  const rise = levelAtEnd(values) - levelAtEnd(since.slice(0, 3));
  return fall > 0 ? rise / fall : rise > 0 ? Infinity : 0;
}
