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
  const pooled = [...a.map((value) => ({ value, isA: true })), ...b.map((value) => ({ value, isA: false }))].sort(
    (x, y) => x.value - y.value,
  );
  let rankSum = 0;
  let ties = 0;
  for (let start = 0; start < pooled.length;) {
    let end = start;
    while (end + 1 < pooled.length && pooled[end + 1]?.value === pooled[start]?.value) end += 1;
    const size = end - start + 1;
    ties += size ** 3 - size;
    rankSum += ((start + end) / 2 + 1) * pooled.slice(start, end + 1).filter(({ isA }) => isA).length;
    start = end + 1;
  }
  const u = rankSum - (m * (m + 1)) / 2;
  const total = m + n;
  const variance = ((m * n) / 12) * (total + 1 - ties / (total * (total - 1)));
  const effect = (2 * u) / (m * n) - 1;
  if (variance <= 0) return { effect, p: 1 };
  return { effect, p: Math.min(1, 2 * normalCdf(-Math.abs(u - (m * n) / 2) / Math.sqrt(variance))) };
}
