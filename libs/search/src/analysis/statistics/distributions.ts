/** Student's t, F and chi-square. Degrees of freedom may be fractions (Welch). */
import { incompleteBeta, upperIncompleteGamma } from './incomplete-beta.ts';

/** P(T <= t). */
export function studentCdf(t: number, degrees: number): number {
  const tail = 0.5 * incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
  return t > 0 ? 1 - tail : tail;
}

/** The t with P(T <= t) = p, 0 < p < 1. */
export function studentQuantile(p: number, degrees: number): number {
  if (p === 0.5) return 0;
  if (p < 0.5) return -studentQuantile(1 - p, degrees);
  let high = 1;
  while (studentCdf(high, degrees) < p) high *= 2;
  let low = 0;
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, degrees) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(F > f). */
export function fSurvival(f: number, numerator: number, denominator: number): number {
  if (f <= 0) return 1;
  return incompleteBeta(denominator / (denominator + numerator * f), denominator / 2, numerator / 2);
}

/** P(chi-square > x). */
export function chiSquareSurvival(x: number, degrees: number): number {
  return upperIncompleteGamma(degrees / 2, x / 2);
}

/** The x with P(chi-square <= x) = p, 0 < p < 1. */
export function chiSquareQuantile(p: number, degrees: number): number {
  let high = 1;
  while (chiSquareSurvival(high, degrees) > 1 - p) high *= 2;
  let low = 0;
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (chiSquareSurvival(middle, degrees) > 1 - p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
