/**
 * Log expected improvement of a point over the best known, averaged over joint fantasies of the trials that still run, plus the
 * log probability that it is feasible. Value and gradient in the point's coordinates.
 *
 *   a(x) = log 1/S sum_s EI_s(x) + log P(feasible at x)
 *   EI_s: posterior given fantasy s of the pending trials' values; all fantasies share one covariance
 */
import type { Rng } from '@kinetune/study';
import { cholesky, solveCholesky, solveLower } from '../numeric/cholesky.ts';
import { logH, logNormalCdf, logNormalPdf } from '../numeric/normal.ts';
import { condition, kernelRow, predict, type Posterior } from './gaussian-process.ts';

export interface Acquisition {
  readonly dimensions: number;
  value(x: Float64Array): number;
  /** Value, and its gradient into `gradient` [D]. */
  valueAndGradient(x: Float64Array, gradient: Float64Array): number;
}

const FANTASIES = 64;

/** Expected improvement given what is known and, when trials are pending at `pending` ([P] points), what they may bring. */
export function expectedImprovement(posterior: Posterior, pending: readonly Float64Array[], rng: Rng): Acquisition {
  const best = bestMean(posterior);
  if (pending.length === 0) return improvementOver(posterior, [posterior.alpha], [best]);
  const values = sampleJointly(posterior, pending, rng);
  const { observations, hyperparameters } = posterior;
  const n = observations.y.length;
  const x = new Float64Array((n + pending.length) * observations.dimensions);
  x.set(observations.x);
  pending.forEach((point, i) => x.set(point, (n + i) * observations.dimensions));
  const extend = (y: Float64Array): Float64Array => {
    const extended = new Float64Array(n + pending.length);
    extended.set(observations.y);
    extended.set(y, n);
    return extended;
  };
  const extraVariance = observations.extraVariance === undefined ? undefined : extend(new Float64Array(pending.length));
  if (observations.extraVariance !== undefined) extraVariance?.set(observations.extraVariance);
  const first = extend(values[0] as Float64Array);
  const extended = condition(
    { ...observations, x, y: first, ...(extraVariance === undefined ? {} : { extraVariance }) },
    hyperparameters,
  );
  const alphas = values.map((y) => solveCholesky(extended.factor, n + pending.length, extend(y)));
  return improvementOver(
    extended,
    alphas,
    values.map((y) => Math.max(best, ...y)),
  );
}

/** The highest posterior mean among the observed points: the best observation without its luck. */
export function bestMean(posterior: Posterior): number {
  const { observations, alpha, noise } = posterior;
  // K alpha = y, so the mean at an observed point is y minus its noise share.
  let best = -Infinity;
  for (let i = 0; i < alpha.length; i++) {
    const share = noise + (observations.extraVariance?.[i] ?? 0);
    best = Math.max(best, (observations.y[i] as number) - share * (alpha[i] as number));
  }
  return best;
}

/** Joint draws of the latent function at the pending points, antithetic in pairs. */
function sampleJointly(posterior: Posterior, pending: readonly Float64Array[], rng: Rng): Float64Array[] {
  const p = pending.length;
  const n = posterior.observations.y.length;
  const means = pending.map((point) => predict(posterior, point).mean);
  const solved = pending.map((point) => {
    const kernel = new Float64Array(n);
    kernelRow(posterior, point, kernel);
    return solveLower(posterior.factor, n, kernel);
  });
  const covariance = new Float64Array(p * p);
  const between = {
    ...posterior,
    observations: { ...posterior.observations, x: flatten(pending), y: new Float64Array(p) },
  };
  for (let i = 0; i < p; i++) {
    const row = new Float64Array(p);
    kernelRow(between, pending[i] as Float64Array, row);
    for (let j = 0; j <= i; j++) {
      let explained = 0;
      for (let k = 0; k < n; k++) explained += (solved[i]?.[k] as number) * (solved[j]?.[k] as number);
      covariance[i * p + j] = (row[j] as number) - explained + (i === j ? posterior.noise + 1e-8 : 0);
    }
  }
  const factor = cholesky(covariance, p);
  const samples: Float64Array[] = [];
  for (let s = 0; s < FANTASIES / 2; s++) {
    const z = Float64Array.from({ length: p }, () => rng.normal());
    for (const sign of [1, -1]) {
      samples.push(
        Float64Array.from({ length: p }, (_, i) => {
          let value = means[i] as number;
          if (factor !== undefined)
            for (let k = 0; k <= i; k++) value += sign * (factor[i * p + k] as number) * (z[k] as number);
          return value;
        }),
      );
    }
  }
  return samples;
}

function flatten(points: readonly Float64Array[]): Float64Array {
  const d = points[0]?.length ?? 0;
  const flat = new Float64Array(points.length * d);
  points.forEach((point, i) => flat.set(point, i * d));
  return flat;
}

function improvementOver(posterior: Posterior, alphas: readonly Float64Array[], bests: readonly number[]): Acquisition {
  const { observations, inverse, scale } = posterior;
  const { dimensions } = observations;
  const n = observations.y.length;
  const kernel = new Float64Array(n);
  const slopes = new Float64Array(n);
  const solved = new Float64Array(n);
  const logs = new Float64Array(alphas.length);
  const means = new Float64Array(alphas.length);

  const variance = (): number => {
    let explained = 0;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      const row = i * n;
      for (let j = 0; j < n; j++) sum += (inverse[row + j] as number) * (kernel[j] as number);
      solved[i] = sum;
      explained += sum * (kernel[i] as number);
    }
    return Math.max(scale - explained, 1e-10);
  };
  const average = (sd: number): number => {
    let largest = -Infinity;
    alphas.forEach((alpha, s) => {
      let mean = 0;
      for (let i = 0; i < n; i++) mean += (kernel[i] as number) * (alpha[i] as number);
      means[s] = mean;
      logs[s] = logH((mean - (bests[s] as number)) / sd).value + Math.log(sd);
      largest = Math.max(largest, logs[s]);
    });
    let sum = 0;
    for (let s = 0; s < logs.length; s++) sum += Math.exp((logs[s] as number) - largest);
    return largest + Math.log(sum / logs.length);
  };
  return {
    dimensions,
    value(x) {
      kernelRow(posterior, x, kernel);
      return average(Math.sqrt(variance()));
    },
    valueAndGradient(x, gradient) {
      kernelRow(posterior, x, kernel, slopes);
      const v = variance();
      const sd = Math.sqrt(v);
      const value = average(sd);
      // d value / d k_i = sum_s share_s [ d logEI/d mean alpha_s,i + d logEI/d sd d sd/d k_i ], d sd / d k_i = -solved_i / sd
      const sensitivity = new Float64Array(n);
      let sdSensitivity = 0;
      alphas.forEach((alpha, s) => {
        const share = Math.exp((logs[s] as number) - value) / alphas.length;
        const z = ((means[s] as number) - (bests[s] as number)) / sd;
        const { derivative } = logH(z);
        const towardsMean = (share * derivative) / sd;
        sdSensitivity += (share * (1 - derivative * z)) / sd;
        for (let i = 0; i < n; i++) sensitivity[i] = (sensitivity[i] as number) + towardsMean * (alpha[i] as number);
      });
      for (let i = 0; i < n; i++)
        sensitivity[i] = (sensitivity[i] as number) - (sdSensitivity * (solved[i] as number)) / sd;
      addInputGradient(posterior, x, slopes, sensitivity, gradient.fill(0));
      return value;
    },
  };
}

/** The log probability that a process on feasibility (1 feasible, -1 not) is above zero. */
export function logFeasibility(posterior: Posterior): Acquisition {
  const { observations, alpha, inverse, scale } = posterior;
  const { dimensions } = observations;
  const n = observations.y.length;
  const kernel = new Float64Array(n);
  const slopes = new Float64Array(n);
  const valueAndGradient = (x: Float64Array, gradient: Float64Array | undefined): number => {
    kernelRow(posterior, x, kernel, slopes);
    const solved = new Float64Array(n);
    let mean = 0;
    let explained = 0;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += (inverse[i * n + j] as number) * (kernel[j] as number);
      solved[i] = sum;
      explained += sum * (kernel[i] as number);
      mean += (kernel[i] as number) * (alpha[i] as number);
    }
    const sd = Math.sqrt(Math.max(scale - explained, 1e-10) + posterior.noise);
    const z = mean / sd;
    const value = logNormalCdf(z);
    if (gradient !== undefined) {
      const ratio = Math.exp(logNormalPdf(z) - value);
      const sensitivity = new Float64Array(n);
      for (let i = 0; i < n; i++)
        sensitivity[i] = (ratio * ((alpha[i] as number) + (z * (solved[i] as number)) / sd)) / sd;
      addInputGradient(posterior, x, slopes, sensitivity, gradient.fill(0));
    }
    return value;
  };
  return {
    dimensions,
    value: (x) => valueAndGradient(x, undefined),
    valueAndGradient: (x, gradient) => valueAndGradient(x, gradient),
  };
}

/** The sum of two acquisitions. */
export function addAcquisitions(a: Acquisition, b: Acquisition): Acquisition {
  const second = new Float64Array(a.dimensions);
  return {
    dimensions: a.dimensions,
    value: (x) => a.value(x) + b.value(x),
    valueAndGradient(x, gradient) {
      const value = a.valueAndGradient(x, gradient) + b.valueAndGradient(x, second);
      for (let i = 0; i < gradient.length; i++) gradient[i] = (gradient[i] as number) + (second[i] as number);
      return value;
    },
  };
}

/** gradient_j += sum_i sensitivity_i d k_i / d x_j. */
function addInputGradient(
  { observations, weights }: Posterior,
  x: Float64Array,
  slopes: Float64Array,
  sensitivity: Float64Array,
  gradient: Float64Array,
): void {
  const { dimensions: d, isCategorical, x: data } = observations;
  for (let i = 0; i < sensitivity.length; i++) {
    const factor = 2 * (sensitivity[i] as number) * (slopes[i] as number);
    for (let m = 0; m < d; m++) {
      if (isCategorical[m] === 1) continue;
      gradient[m] =
        (gradient[m] as number) + factor * (weights[m] as number) * ((x[m] as number) - (data[i * d + m] as number));
    }
  }
}
