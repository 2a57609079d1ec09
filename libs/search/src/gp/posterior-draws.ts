/**
 * Draws from the posterior of a process's hyperparameters, by Laplace's approximation about the fit: what is fitted to a few dozen
 * results is uncertain, and a search that believes one fit stays where this fit sees the best.
 *
 *   theta = fit + L^-T z, z normal, L L^T = H + STIFFNESS I; H: second derivatives of minus the log posterior, by differences
 */
import { invariant, type Rng } from '@kinetune/study';
import { cholesky, solveLowerTransposed } from '../numeric/cholesky.ts';
import type { Evaluation } from '../numeric/lbfgs.ts';

const DIFFERENCE = 1e-3;
/** Keeps a direction that the results say nothing about within a few units of the logarithm; grows until H is positive definite. */
const STIFFNESS = 0.05;

export interface PosteriorMode {
  /** [K] */
  readonly theta: Float64Array;
  /** Minus the log posterior, and its gradient [K]. */
  readonly evaluate: (theta: Float64Array) => Evaluation;
}

/** A draw [K] at each call. */
export function posteriorDraws({ theta, evaluate }: PosteriorMode, rng: Rng): () => Float64Array {
  const factor = factorOf(secondDerivatives(theta, evaluate), theta.length);
  return () => {
    const z = Float64Array.from(theta, () => rng.normal());
    const step = solveLowerTransposed(factor, theta.length, z);
    return theta.map((value, i) => value + (step[i] as number));
  };
}

/** [K, K], symmetric. */
function secondDerivatives(theta: Float64Array, evaluate: PosteriorMode['evaluate']): Float64Array {
  const k = theta.length;
  const at = evaluate(theta).gradient;
  const rows = Array.from(theta, (value, i) => {
    const moved = theta.slice();
    moved[i] = value + DIFFERENCE;
    return evaluate(moved).gradient.map((slope, j) => (slope - (at[j] as number)) / DIFFERENCE);
  });
  const second = new Float64Array(k * k);
  for (let i = 0; i < k; i++)
    for (let j = 0; j < k; j++) second[i * k + j] = 0.5 * ((rows[i]?.[j] as number) + (rows[j]?.[i] as number));
  return second;
}

function factorOf(second: Float64Array, k: number): Float64Array {
  for (let stiffness = STIFFNESS; ; stiffness *= 3) {
    invariant(stiffness < 1e12, 'finite second derivatives and enough stiffness are positive definite');
    const stiff = second.slice();
    for (let i = 0; i < k; i++) stiff[i * k + i] = (stiff[i * k + i] as number) + stiffness;
    const factor = cholesky(stiff, k);
    if (factor !== undefined) return factor;
  }
}
