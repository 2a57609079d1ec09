/** The z with Φ(z) = p for p in (0, 1): P. J. Acklam's rational approximation, relative error under 1.2e-9. */
export function normalQuantile(p: number): number {
  const tail = Math.min(p, 1 - p);
  if (tail < LOW) {
    const q = Math.sqrt(-2 * Math.log(tail));
    const z = polynomial(q, TAIL_NUMERATOR) / polynomial(q, TAIL_DENOMINATOR);
    return p < 0.5 ? z : -z;
  }
  const q = p - 0.5;
  return (q * polynomial(q * q, NUMERATOR)) / polynomial(q * q, DENOMINATOR);
}

/** Σ c[k] x^(n-1-k): the highest power first. */
function polynomial(x: number, coefficients: readonly number[]): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

const LOW = 0.02425;
const NUMERATOR = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
];
const DENOMINATOR = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1,
];
const TAIL_NUMERATOR = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const TAIL_DENOMINATOR = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1];
