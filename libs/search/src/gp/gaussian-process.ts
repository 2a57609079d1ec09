/**
 * A Gaussian process on the unit cube with a Matern-5/2 kernel and a length scale for each dimension.
 *
 *   N observations, D dimensions, X [N, D] in [0, 1], y [N] standardised
 *   r^2 = sum_j w_j d_j^2, w_j = 1 / lengthScale_j^2; d_j = x_j - x'_j, or [x_j != x'_j] for a categorical dimension
 *   k(r) = s (1 + sqrt5 r + 5/3 r^2) exp(-sqrt5 r)
 *   K = k(X, X) + noise I + diag(extra), extra: known variance of replicate means
 */
import { cholesky, inverseFromCholesky, solveCholesky, solveLower } from '../numeric/cholesky.ts';

const SQRT5 = Math.sqrt(5);
/** Below this the kernel matrix loses positive definiteness in double precision. */
export const MINIMUM_NOISE = 1e-6;

export interface Observations {
  readonly dimensions: number;
  /** Row-major [N, D]. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Variance to add to each observation on the scale of y, e.g. noise / replicates - noise; 0 where nothing is known. */
  readonly extraVariance?: Float64Array;
  /** [D]: 1 where a dimension is categorical (distance 0 or 1). */
  readonly isCategorical: Uint8Array;
}

export interface KernelHyperparameters {
  /** log w_j, [D]. */
  readonly logWeights: Float64Array;
  readonly logScale: number;
  readonly logNoise: number;
}

/** A fitted process: what it predicts from. */
export interface Posterior {
  readonly observations: Observations;
  readonly hyperparameters: KernelHyperparameters;
  readonly weights: Float64Array;
  readonly scale: number;
  readonly noise: number;
  readonly factor: Float64Array;
  /** K^-1 y, [N]. */
  readonly alpha: Float64Array;
  /** K^-1, [N, N]: prediction with gradients needs it at every point. */
  readonly inverse: Float64Array;
}

/** Conditions the process on the observations; jitter is added until the kernel matrix is positive definite. */
export function condition(observations: Observations, hyperparameters: KernelHyperparameters): Posterior {
  const { y } = observations;
  const n = y.length;
  const weights = hyperparameters.logWeights.map(Math.exp);
  const scale = Math.exp(hyperparameters.logScale);
  let noise = Math.exp(hyperparameters.logNoise) + MINIMUM_NOISE;
  const k = new Float64Array(n * n);
  const point = { observations, weights, scale };
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) k[i * n + j] = kernelBetween(point, observations.x, i, observations.x, j);
  }
  for (;;) {
    for (let i = 0; i < n; i++) k[i * n + i] = scale + noise + (observations.extraVariance?.[i] ?? 0);
    const factor = cholesky(k, n);
    if (factor !== undefined) {
      return {
        observations,
        hyperparameters,
        weights,
        scale,
        noise,
        factor,
        alpha: solveCholesky(factor, n, y),
        inverse: inverseFromCholesky(factor, n),
      };
    }
    noise = noise * 10;
  }
}

function kernelBetween(
  { observations, weights, scale }: Pick<Posterior, 'observations' | 'weights' | 'scale'>,
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
): number {
  const { dimensions: d, isCategorical } = observations;
  let squared = 0;
  for (let m = 0; m < d; m++) {
    const difference = (a[i * d + m] as number) - (b[j * d + m] as number);
    squared += (weights[m] as number) * (isCategorical[m] === 1 ? (difference === 0 ? 0 : 1) : difference * difference);
  }
  const r = SQRT5 * Math.sqrt(squared);
  return scale * (1 + r + (r * r) / 3) * Math.exp(-r);
}

/** k(x, X) into `kernel` [N] and, when given, d k / d(r^2) into `slopes` [N]. */
export function kernelRow(posterior: Posterior, x: Float64Array, kernel: Float64Array, slopes?: Float64Array): void {
  const { observations, weights, scale } = posterior;
  const { dimensions: d, isCategorical, x: data, y } = observations;
  for (let i = 0, at = 0; i < y.length; i++) {
    let squared = 0;
    for (let m = 0; m < d; m++, at++) {
      const difference = (x[m] as number) - (data[at] as number);
      squared +=
        (weights[m] as number) * (isCategorical[m] === 1 ? (difference === 0 ? 0 : 1) : difference * difference);
    }
    const r = SQRT5 * Math.sqrt(squared);
    const decay = scale * Math.exp(-r);
    kernel[i] = (1 + r + (r * r) / 3) * decay;
    if (slopes !== undefined) slopes[i] = (-5 / 6) * (1 + r) * decay;
  }
}

/** Mean and variance (without observation noise) at a point. */
export function predict(posterior: Posterior, x: Float64Array): { readonly mean: number; readonly variance: number } {
  const n = posterior.observations.y.length;
  const kernel = new Float64Array(n);
  kernelRow(posterior, x, kernel);
  let mean = 0;
  for (let i = 0; i < n; i++) mean += (kernel[i] as number) * (posterior.alpha[i] as number);
  const v = solveLower(posterior.factor, n, kernel);
  let explained = 0;
  for (let i = 0; i < n; i++) explained += (v[i] as number) ** 2;
  return { mean, variance: Math.max(posterior.scale - explained, 1e-12) };
}
