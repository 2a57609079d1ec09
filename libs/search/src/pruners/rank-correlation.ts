/** How far two lists of numbers put the same things in the same order. */

/**
 * Kendall's tau-b (Kendall 1945): (concordant - discordant pairs) / sqrt((pairs - tied in a) (pairs - tied in b)). Quadratic
 * in the count. Null where one list is all ties or fewer than two pairs of values are given.
 */
export function kendallTau(a: readonly number[], b: readonly number[]): number | null {
  let balance = 0;
  let untiedA = 0;
  let untiedB = 0;
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      const signA = Math.sign((a[i] as number) - (a[j] as number));
      const signB = Math.sign((b[i] as number) - (b[j] as number));
      balance += signA * signB;
      untiedA += signA * signA;
      untiedB += signB * signB;
    }
  }
  return untiedA === 0 || untiedB === 0 ? null : balance / Math.sqrt(untiedA * untiedB);
}
