/**
 * Do the values of one group lie above those of another? Mann and Whitney's U (1947) by its normal approximation, corrected for ties and
 * not for continuity: scipy's `mannwhitneyu(method='asymptotic', use_continuity=False)`.
 */
import { normalCdf } from '../../numeric/normal.ts';

/** `effect` is the rank-biserial correlation 2U/(mn) - 1: 1 where every a is above every b. `p` is two-sided. */
export function mannWhitney(
  a: readonly number[],
  b: readonly number[],
): { readonly effect: number; readonly p: number } | null {
  const [m, n] = [a.length, b.length];
  if (m === 0 || n === 0) return null;
  const [sortedA, sortedB] = [Float64Array.from(a).sort(), Float64Array.from(b).sort()];
  let rankSum = 0;
  let ties = 0;
  for (let [i, j] = [0, 0]; i < m || j < n;) {
    const value = Math.min(sortedA[i] ?? Infinity, sortedB[j] ?? Infinity);
    const [startA, startB] = [i, j];
    while (sortedA[i] === value) i += 1;
    while (sortedB[j] === value) j += 1;
    const size = i - startA + (j - startB);
    ties += size ** 3 - size;
    // The mean of the ranks that equal values share; ranks count from 1.
    rankSum += (startA + startB + (size + 1) / 2) * (i - startA);
  }
  const u = rankSum - (m * (m + 1)) / 2;
  const total = m + n;
  const variance = ((m * n) / 12) * (total + 1 - ties / (total * (total - 1)));
  const effect = (2 * u) / (m * n) - 1;
  if (variance <= 0) return { effect, p: 1 };
  return { effect, p: Math.min(1, 2 * normalCdf(-Math.abs(u - (m * n) / 2) / Math.sqrt(variance))) };
}
