/** The statistics that samplers are compared by. Held against scipy in `statistics.test.ts`. */

/** Ranks from 1, smallest first; equal values share the mean of theirs. */
export function ranks(values: readonly number[]): number[] {
  const order = values
    .map((_, i) => i)
    .sort((a, b) => (values[a]! < values[b]! ? -1 : values[a]! > values[b]! ? 1 : 0));
  const ranked = new Array<number>(values.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) ranked[order[i]!] = (start + 1 + end) / 2;
    start = end;
  }
  return ranked;
}

/** The probability that a draw of `a` is below a draw of `b`, over all pairs; a tie counts half. */
export function winProbability(a: readonly number[], b: readonly number[]): number {
  const rankSum = ranks([...a, ...b])
    .slice(0, a.length)
    .reduce((sum, rank) => sum + rank, 0);
  return 1 - (rankSum - (a.length * (a.length + 1)) / 2) / (a.length * b.length);
}

/**
 * One-sided p of the Mann-Whitney rank test against the alternative that `a` is larger than `b`: normal approximation with
 * correction for ties and continuity, as scipy's `mannwhitneyu(a, b, alternative='greater', method='asymptotic')`. 1 when
 * all values are equal.
 */
export function pLarger(a: readonly number[], b: readonly number[]): number {
  const all = [...a, ...b];
  const n = all.length;
  const u = (1 - winProbability(a, b)) * a.length * b.length;
  const counts = new Map<number, number>();
  for (const value of all) counts.set(value, (counts.get(value) ?? 0) + 1);
  const ties = [...counts.values()].reduce((sum, count) => sum + count ** 3 - count, 0);
  const deviation = Math.sqrt(((a.length * b.length) / 12) * (n + 1 - ties / (n * (n - 1))));
  if (deviation === 0) return 1;
  return normalUpperTail((u - (a.length * b.length) / 2 - 0.5) / deviation);
}

/** Holm's step-down correction: adjusted p values, in the order given. */
export function holm(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((a, b) => p[a]! - p[b]!);
  const adjusted = new Array<number>(p.length);
  let largest = 0;
  order.forEach((index, position) => {
    largest = Math.max(largest, Math.min(1, (p.length - position) * p[index]!));
    adjusted[index] = largest;
  });
  return adjusted;
}

/** Studentised range at 5 % over sqrt(2) for k = 2, 3, ... groups (J. Demsar, JMLR 7, 2006, table 5, continued). */
const NEMENYI_Q = [1.96, 2.344, 2.569, 2.728, 2.85, 2.949, 3.031, 3.102, 3.164, 3.219];

/** Nemenyi's critical difference of mean ranks of k samplers over n functions at 5 %; infinite for a single one. */
export function criticalDifference(k: number, n: number): number {
  const q = NEMENYI_Q[k - 2];
  return q === undefined ? Infinity : q * Math.sqrt((k * (k + 1)) / (6 * n));
}

/** 1 - Phi(z), by the continued fraction of Numerical Recipes' erfcc: relative error below 1.2e-7. */
function normalUpperTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  const polynomial = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ].reduceRight((sum, coefficient) => sum * t + coefficient, 0);
  const tail = (t * Math.exp(-x * x + polynomial)) / 2;
  return z >= 0 ? tail : 1 - tail;
}
