/** The standard normal distribution where tails matter. Double precision; far tails are kept on a log scale. */

const SQRT2 = Math.SQRT2;
const LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);
const LOG_SQRT_PI_OVER_2 = 0.5 * Math.log(Math.PI / 2);

/** Chebyshev coefficients of log(erfcx(z) / t), t = 2 / (2 + z) (Press et al., Numerical Recipes, 3rd ed., 6.2.2). */
const COEFFICIENTS = [
  -1.3026537197817094, 6.4196979235649026e-1, 1.9476473204185836e-2, -9.561514786808631e-3, -9.46595344482036e-4,
  3.66839497852761e-4, 4.2523324806907e-5, -2.0278578112534e-5, -1.624290004647e-6, 1.30365583558e-6, 1.5626441722e-8,
  -8.5238095915e-8, 6.529054439e-9, 5.059343495e-9, -9.91364156e-10, -2.27365122e-10, 9.6467911e-11, 2.394038e-12,
  -6.886027e-12, 8.94487e-13, 3.13092e-13, -1.12708e-13, 3.81e-16, 7.106e-15, -1.523e-15, -9.4e-17, 1.21e-16, -2.8e-17,
];

/** log of exp(z^2) erfc(z) for z >= 0. */
function logErfcx(z: number): number {
  const t = 2 / (2 + z);
  const y = 4 * t - 2;
  let d = 0;
  let dd = 0;
  for (let j = COEFFICIENTS.length - 1; j > 0; j--) {
    const previous = d;
    d = y * d - dd + (COEFFICIENTS[j] as number);
    dd = previous;
  }
  return Math.log(t) + 0.5 * ((COEFFICIENTS[0] as number) + y * d) - dd;
}

/** Phi(z). */
export function normalCdf(z: number): number {
  const x = Math.abs(z) / SQRT2;
  const tail = 0.5 * Math.exp(logErfcx(x) - x * x);
  return z < 0 ? tail : 1 - tail;
}

/** log Phi(z), finite for every finite z. */
export function logNormalCdf(z: number): number {
  if (z > 0) return Math.log1p(-normalCdf(-z));
  const x = -z / SQRT2;
  return Math.log(0.5) + logErfcx(x) - x * x;
}

/** log phi(z). */
export function logNormalPdf(z: number): number {
  return -0.5 * z * z - LOG_SQRT_2PI;
}

/**
 * log h(z) with h(z) = phi(z) + z Phi(z), and its derivative Phi(z) / h(z): log expected improvement is
 * log h((mean - best) / sd) + log sd. Three branches as in Ament et al. 2023 (arXiv 2310.20708), eq. 9.
 */
export function logH(z: number): { readonly value: number; readonly derivative: number } {
  if (z > -1) {
    const cdf = normalCdf(z);
    const h = Math.exp(logNormalPdf(z)) + z * cdf;
    return { value: Math.log(h), derivative: cdf / h };
  }
  // Below 1e5 the difference 1 - |z| Mills(|z|) cancels to ~1/z^2 and its leading term is exact to rounding.
  const logRatio = z > -1e5 ? log1mexp(-(LOG_SQRT_PI_OVER_2 + logErfcx(-z / SQRT2) + Math.log(-z))) : -2 * Math.log(-z);
  const value = logNormalPdf(z) + logRatio;
  return { value, derivative: Math.exp(logNormalCdf(z) - value) };
}

/** log(1 - exp(-x)) for x > 0 (Maechler 2012). */
function log1mexp(x: number): number {
  return x < Math.LN2 ? Math.log(-Math.expm1(-x)) : Math.log1p(-Math.exp(-x));
}

/** The z with Phi(z) = p (Wichura's AS 241, PPND16: relative error about 1e-16). */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(r, CENTRAL_NUMERATOR)) / polynomial(r, CENTRAL_DENOMINATOR);
  }
  const tail = q < 0 ? p : 1 - p;
  if (tail <= 0) return q < 0 ? -Infinity : Infinity;
  const r = Math.sqrt(-Math.log(tail));
  const z =
    r <= 5
      ? polynomial(r - 1.6, MIDDLE_NUMERATOR) / polynomial(r - 1.6, MIDDLE_DENOMINATOR)
      : polynomial(r - 5, FAR_NUMERATOR) / polynomial(r - 5, FAR_DENOMINATOR);
  return q < 0 ? -z : z;
}

/** sum of c[k] x^(n-1-k): the highest power first. */
function polynomial(x: number, coefficients: readonly number[]): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

const CENTRAL_NUMERATOR = [
  2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457, 13731.693765509461125,
  1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
];
const CENTRAL_DENOMINATOR = [
  5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867, 5394.1960214247511077,
  687.1870074920579083, 42.313330701600911252, 1,
];
const MIDDLE_NUMERATOR = [
  7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
  3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
];
const MIDDLE_DENOMINATOR = [
  1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
  0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1,
];
const FAR_NUMERATOR = [
  2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
  0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
];
const FAR_DENOMINATOR = [
  2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
  0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1,
];
