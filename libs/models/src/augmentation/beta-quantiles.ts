/**
 * Quantiles 0, 1/n, ... 1 of the symmetric Beta(α, α) distribution: n + 1 numbers from 0 to 1.
 *
 * F(x) = I_x(α, α) by the continued fraction of Numerical Recipes (3rd ed., 6.4, Lentz's method), inverted by bisection on
 * log x, since for small α half of the mass lies below 1e-3; the upper half follows by symmetry.
 */
export function betaQuantiles(alpha: number, count: number): readonly number[] {
  return Array.from({ length: count + 1 }, (_, i) => {
    const probability = i / count;
    return probability <= 0.5 ? lowerQuantile(alpha, probability) : 1 - lowerQuantile(alpha, 1 - probability);
  });
}

function lowerQuantile(alpha: number, probability: number): number {
  if (probability === 0) return 0;
  let low = -700; // e^-700 is about the smallest double
  let high = Math.log(0.5);
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (distribution(alpha, Math.exp(middle)) < probability) low = middle;
    else high = middle;
  }
  return Math.exp(high);
}

/** I_x(α, α) for x <= 1/2, where the continued fraction converges at once. */
function distribution(alpha: number, x: number): number {
  const front = alpha * Math.log(x) + alpha * Math.log1p(-x) - logBeta(alpha);
  return (Math.exp(front) * continuedFraction(alpha, x)) / alpha;
}

function continuedFraction(alpha: number, x: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - (2 * alpha * x) / (alpha + 1));
  let result = d;
  for (let m = 1; m <= 500; m++) {
    const even = (m * (alpha - m) * x) / ((alpha + 2 * m - 1) * (alpha + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    result *= d * c;
    const odd = (-(alpha + m) * (2 * alpha + m) * x) / ((alpha + 2 * m) * (alpha + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-14) break;
  }
  return result;
}

/** ln B(α, α) */
function logBeta(alpha: number): number {
  return 2 * logGamma(alpha) - logGamma(2 * alpha);
}

/** ln Γ(x), x > 0: recurrence up to 15, then Stirling's series; relative error below 1e-14. */
function logGamma(x: number): number {
  let shifted = x;
  let product = 1;
  while (shifted < 15) product *= shifted++;
  const inverse = 1 / shifted;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))));
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}
