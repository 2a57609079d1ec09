/** What the plants measure their effect by; none of it is used by the detectors. */
import type { ConfusionMatrix } from '@kinetune/study';
import type { StoredRun } from './stored-run.ts';

/** A metric's finite values in order. */
export function metric({ measurements }: StoredRun, name: string): readonly number[] {
  return measurements.flatMap(({ values }) => {
    const value = values[name] ?? null;
    return value === null ? [] : [value];
  });
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The sample's standard deviation. */
export function spread(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}

/** Kendall's rank correlation of values and their place, -1 to 1; null for fewer than four. */
export function kendallTau(values: readonly number[]): number | null {
  const n = values.length;
  if (n < 4) return null;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) sum += Math.sign((values[j] as number) - (values[i] as number));
  }
  return sum / ((n * (n - 1)) / 2);
}

/** Mean size of the change from one value to the next; null for fewer than three. */
export function meanStep(values: readonly number[]): number | null {
  if (values.length < 3) return null;
  return mean(values.slice(1).map((value, i) => Math.abs(value - (values[i] as number))));
}

/** Less the straight line through them. */
export function withoutTrend(values: readonly number[]): readonly number[] {
  const middle = (values.length - 1) / 2;
  const level = mean(values);
  const squares = values.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
  const slope = values.reduce((sum, value, i) => sum + (i - middle) * (value - level), 0) / squares;
  return values.map((value, i) => value - level - slope * (i - middle));
}

/** Eta squared, adjusted for the number of places: the share of variance that the place in the period explains. */
export function shareByPlace(values: readonly number[], period: number): number | null {
  if (values.length < period + 3) return null;
  const places = Array.from({ length: period }, (_, place) => values.filter((_, i) => i % period === place));
  const within = places.reduce((sum, own) => {
    const middle = mean(own);
    return sum + own.reduce((total, value) => total + (value - middle) ** 2, 0);
  }, 0);
  const middle = mean(values);
  const all = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return all === 0 ? 0 : 1 - within / (values.length - period) / (all / (values.length - 1));
}

/** Log mean gradient norm [evaluations][parts of the epoch]; evaluations with a value missing are left out. */
export function logParts({ measurements }: StoredRun): readonly (readonly number[])[] {
  const all = measurements.map(({ detail }) => (detail?.gradientNorm ?? []).map(({ mean: norm }) => norm ?? 0));
  const length = Math.max(0, ...all.map((parts) => parts.length));
  return all.filter((parts) => parts.length === length && parts.every((norm) => norm > 0)).map((p) => p.map(Math.log));
}

/** Log of the highest loss of the first two epochs' parts over the first part's; null without parts. */
export function highestEarlyLoss({ measurements }: StoredRun): number | null {
  const parts = measurements.slice(0, 2).flatMap(({ detail }) => detail?.trainLoss ?? []);
  const first = parts[0]?.maximum ?? null;
  return first === null ? null : Math.log(Math.max(...parts.map(({ maximum }) => maximum ?? 0)) / first);
}

/** Entropy of the predicted classes over the most it could be: 1 where all are predicted alike often, 0 where one is. */
export function predictionEvenness(confusion: ConfusionMatrix): number {
  const counts = confusion.map((_, k) => confusion.reduce((sum, row) => sum + (row[k] ?? 0), 0));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const entropy = counts.reduce((sum, count) => sum - (count === 0 ? 0 : (count / total) * Math.log(count / total)), 0);
  return entropy / Math.log(counts.length);
}
