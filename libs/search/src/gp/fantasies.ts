/**
 * What the trials that still run may bring: joint draws of their values from the posterior, each with the posterior mean that
 * would follow from it. They leave the covariance the same whatever they bring, so that one factor serves them all.
 */
import { deriveSeed, invariant } from '@kinetune/study';
import { haltonSequence, HALTON_ENGINE_VERSION } from '../halton/halton-sequence.ts';
import { cholesky, dotRows, solveCholesky, solveLower } from '../numeric/cholesky.ts';
import { normalQuantile } from '../numeric/normal.ts';
import { condition, kernelRow, observedMeans, type Observations, type Posterior } from './gaussian-process.ts';

export interface Fantasies {
  /** Conditioned on the pending points as well. */
  readonly posterior: Posterior;
  /** K^-1 y of each fantasy, [S] of [N]. */
  readonly alphas: readonly Float64Array[];
  /** The best value in each fantasy, [S]. */
  readonly bests: readonly number[];
}

interface FantasyOptions {
  /** Points that are running, canonical. */
  readonly pending: readonly Float64Array[];
  /** Which of them have to be improved on, too; all when left out. */
  readonly isRival?: (point: Float64Array) => boolean;
  /** The best that is known, on the scale of y. */
  readonly best: number;
  /** Of the draws. */
  readonly seed: number;
}

const DRAWS = 64;
/** Observations above which a pending trial is believed to bring its mean (kriging believer): one fantasy instead of many. */
const LARGEST_DRAWN = 300;

export function fantasise(posterior: Posterior, { pending, isRival, best, seed }: FantasyOptions): Fantasies {
  if (pending.length === 0) return { posterior, alphas: [posterior.alpha], bests: [best] };
  const n = posterior.alpha.length;
  const { means, covariance } = predictJointly(posterior, pending);
  const draws = n > LARGEST_DRAWN ? [means] : drawJointly(means, covariance, seed);
  const values = draws.map((drawn) => concatenate(posterior.observations.y, drawn));
  const extended = condition(
    extend(posterior.observations, pending, values[0] as Float64Array),
    posterior.hyperparameters,
  );
  const rivals = pending.map((point) => isRival?.(point) ?? true);
  return {
    posterior: extended,
    alphas: values.map((y) => solveCholesky(extended.factor, y.length, y)),
    bests: draws.map((drawn) => Math.max(best, ...drawn.filter((_, i) => rivals[i]))),
  };
}

/** The highest posterior mean among the first `count` observations: the best of them without its luck. */
export function bestMean(posterior: Posterior, count: number): number {
  return Math.max(...observedMeans(posterior).subarray(0, count));
}

/** The highest posterior mean at points that may not have been observed. */
export function bestMeanAt(posterior: Posterior, points: readonly Float64Array[]): number {
  const kernel = new Float64Array(posterior.alpha.length);
  return points.reduce((best, point) => {
    kernelRow(posterior, point, kernel);
    return Math.max(best, dotRows(kernel, 0, posterior.alpha, 0, kernel.length));
  }, -Infinity);
}

/** Means [P] and covariance [P, P] (lower triangle) of observations at points that are not observed. */
function predictJointly(
  posterior: Posterior,
  points: readonly Float64Array[],
): { readonly means: Float64Array; readonly covariance: Float64Array } {
  const { alpha, factor, noise, observations } = posterior;
  const n = alpha.length;
  const p = points.length;
  const means = new Float64Array(p);
  const solved = points.map((point, i) => {
    const kernel = new Float64Array(n);
    kernelRow(posterior, point, kernel);
    means[i] = dotRows(kernel, 0, alpha, 0, n);
    return solveLower(factor, n, kernel);
  });
  const among = { ...posterior, observations: { ...observations, x: flatten(points) } };
  const covariance = new Float64Array(p * p);
  points.forEach((point, i) => {
    kernelRow(among, point, covariance.subarray(i * p, i * p + i + 1));
    for (let j = 0; j <= i; j++) {
      const explained = dotRows(solved[i] as Float64Array, 0, solved[j] as Float64Array, 0, n);
      covariance[i * p + j] = (covariance[i * p + j] as number) - explained;
    }
    covariance[i * p + i] = (covariance[i * p + i] as number) + noise;
  });
  return { means, covariance };
}

/** means + L z, z normal by quasi-random draws. */
function drawJointly(means: Float64Array, covariance: Float64Array, seed: number): Float64Array[] {
  const p = means.length;
  const factor = factorWithJitter(covariance, p);
  const points = haltonSequence({
    engineVersion: HALTON_ENGINE_VERSION,
    seed: deriveSeed(seed, 'fantasies'),
    dimensions: p,
  });
  return Array.from({ length: DRAWS }, (_, draw) => {
    // Half a unit in the last place of 2^53 keeps 0 out.
    const z = Float64Array.from(points(draw), (u) => normalQuantile(Math.max(u, 2 ** -54)));
    return means.map((mean, i) => mean + dotRows(factor, i * p, z, 0, i + 1));
  });
}

function factorWithJitter(covariance: Float64Array, n: number): Float64Array {
  for (let jitter = 1e-10; ; jitter *= 10) {
    const factor = cholesky(covariance, n);
    if (factor !== undefined) return factor;
    invariant(jitter < 1, 'a covariance and a little more on its diagonal is positive definite');
    for (let i = 0; i < n; i++) covariance[i * n + i] = (covariance[i * n + i] as number) + jitter;
  }
}

function extend(observations: Observations, points: readonly Float64Array[], y: Float64Array): Observations {
  return {
    ...observations,
    x: concatenate(observations.x, flatten(points)),
    y,
    extraVariance: concatenate(observations.extraVariance, new Float64Array(points.length)),
  };
}

function flatten(points: readonly Float64Array[]): Float64Array {
  return Float64Array.from(points.flatMap((point) => [...point]));
}

function concatenate(a: Float64Array, b: Float64Array): Float64Array {
  const whole = new Float64Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
