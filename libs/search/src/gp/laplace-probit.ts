/**
 * Laplace's approximation of a Gaussian process that is seen by signs alone (Rasmussen & Williams 2006, algorithm 3.1).
 *
 *   latent f [N] ~ Normal(0, K), P(label_i = +1 | f) = Phi(f_i)
 *   W = -d2 log p(labels | f) / d f2, a diagonal; B = I + W^1/2 K W^1/2 = L L^T; f = K a
 */
import { invariant } from '@kinetune/study';
import { cholesky, dotRows, solveCholesky } from '../numeric/cholesky.ts';
import { logNormalCdf, logNormalPdf } from '../numeric/normal.ts';

export interface LaplaceProbit {
  /** d log p(labels | f) / d f at the mode, [N]: the latent mean at a point is its product with k(x, X). */
  readonly slopes: Float64Array;
  /** Diagonal of W^1/2, [N]. */
  readonly roots: Float64Array;
  /** L, [N, N]. */
  readonly factor: Float64Array;
  /** Log marginal likelihood of the labels. */
  readonly evidence: number;
}

const MAXIMUM_ITERATIONS = 30;
const TOLERANCE = 1e-6;
/** W of a label that is beyond doubt underflows; a root of 0 would divide. */
const LEAST_CURVATURE = 1e-12;

/** Labels [N] are +1 and -1; the kernel matrix [N, N] is whole. */
export function fitLaplaceProbit(kernel: Float64Array, labels: Float64Array): LaplaceProbit {
  const n = labels.length;
  let a = new Float64Array(n);
  let value = logJoint(a, a, labels);
  for (let iteration = 0; ; iteration++) {
    const f = product(kernel, a);
    const curvature = curvatureAt(f, labels);
    const factor = factorOf(kernel, curvature.roots);
    const target = newtonTarget(kernel, f, { ...curvature, factor });
    // The joint density is log-concave, but a whole step may overshoot where labels are near certain.
    let next: { readonly a: Float64Array<ArrayBuffer>; readonly value: number } | undefined;
    for (let length = 1; length > 1e-3 && next === undefined; length /= 2) {
      const moved = a.map((weight, i) => weight + length * ((target[i] as number) - weight));
      const reached = logJoint(moved, product(kernel, moved), labels);
      if (reached > value) next = { a: moved, value: reached };
    }
    if (next === undefined || next.value - value < TOLERANCE || iteration === MAXIMUM_ITERATIONS)
      return { ...curvature, factor, evidence: value - logDeterminant(factor, n) };
    ({ a, value } = next);
  }
}

/** log p(labels | f) - a^T f / 2. */
function logJoint(a: Float64Array, f: Float64Array, labels: Float64Array): number {
  return labels.reduce(
    (sum, label, i) => sum + logNormalCdf(label * (f[i] as number)),
    -0.5 * dotRows(a, 0, f, 0, a.length),
  );
}

function curvatureAt(f: Float64Array, labels: Float64Array): Pick<LaplaceProbit, 'slopes' | 'roots'> {
  const slopes = new Float64Array(f.length);
  const roots = labels.map((label, i) => {
    const z = label * (f[i] as number);
    const ratio = Math.exp(logNormalPdf(z) - logNormalCdf(z));
    slopes[i] = label * ratio;
    return Math.sqrt(Math.max(ratio * (z + ratio), LEAST_CURVATURE));
  });
  return { slopes, roots };
}

function factorOf(kernel: Float64Array, roots: Float64Array): Float64Array {
  const n = roots.length;
  const b = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++)
      b[i * n + j] = (roots[i] as number) * (kernel[i * n + j] as number) * (roots[j] as number) + (i === j ? 1 : 0);
  const factor = cholesky(b, n);
  invariant(factor !== undefined, 'the identity and a positive semi-definite matrix are positive definite');
  return factor;
}

/** The a of a whole Newton step. */
function newtonTarget(
  kernel: Float64Array,
  f: Float64Array,
  { slopes, roots, factor }: Pick<LaplaceProbit, 'slopes' | 'roots' | 'factor'>,
): Float64Array {
  const b = f.map((value, i) => (roots[i] as number) ** 2 * value + (slopes[i] as number));
  const scaled = product(kernel, b).map((value, i) => value * (roots[i] as number));
  const solved = solveCholesky(factor, f.length, scaled);
  return b.map((value, i) => value - (roots[i] as number) * (solved[i] as number));
}

function product(matrix: Float64Array, vector: Float64Array): Float64Array<ArrayBuffer> {
  const n = vector.length;
  return Float64Array.from(vector, (_, i) => dotRows(matrix, i * n, vector, 0, n));
}

function logDeterminant(factor: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(factor[i * n + i] as number);
  return sum;
}
