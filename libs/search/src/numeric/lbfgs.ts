/**
 * Minimisation of a smooth function in a box by projected L-BFGS: the two-loop recursion (Nocedal & Wright, algorithm 7.4)
 * on the free variables, a backtracking Armijo search along the projected path, bounds handled by projection as in
 * Bertsekas 1982. Simpler than L-BFGS-B's Cauchy point; on a dozen variables it takes the same number of evaluations.
 */

export interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

export interface MinimiseOptions {
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
  readonly maximumIterations: number;
  /** Ends when no component of the projected gradient is larger. */
  readonly tolerance: number;
}

const MEMORY = 8;
const ARMIJO = 1e-4;
const MAXIMUM_BACKTRACKS = 20;

/** Where the search ended; never worse than `start`. */
export function minimise(
  evaluate: (x: Float64Array) => Evaluation,
  start: ArrayLike<number>,
  { lower, upper, maximumIterations, tolerance }: MinimiseOptions,
): { readonly x: Float64Array; readonly value: number } {
  const n = start.length;
  const project = (x: Float64Array): Float64Array => {
    for (let i = 0; i < n; i++) x[i] = Math.min(Math.max(x[i] as number, lower[i] as number), upper[i] as number);
    return x;
  };
  let x = project(Float64Array.from(start));
  let { value, gradient } = evaluate(x);
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];

  for (let iteration = 0; iteration < maximumIterations; iteration++) {
    const isFree = (i: number): boolean => {
      const slope = gradient[i] as number;
      return (
        !((x[i] as number) <= (lower[i] as number) && slope > 0) &&
        !((x[i] as number) >= (upper[i] as number) && slope < 0)
      );
    };
    let largest = 0;
    const freeGradient = gradient.map((slope, i) => {
      if (!isFree(i)) return 0;
      largest = Math.max(largest, Math.abs(slope));
      return slope;
    });
    if (!(largest > tolerance)) break;

    let direction = quasiNewtonDirection(freeGradient, steps, changes);
    for (let i = 0; i < n; i++) if (freeGradient[i] === 0) direction[i] = 0;
    let slope = dot(direction, gradient);
    if (!(slope < 0)) {
      direction = freeGradient.map((component) => -component);
      slope = dot(direction, gradient);
      steps.length = changes.length = 0;
    }

    // Without curvature the first step is at most 1 long in any coordinate.
    let length = steps.length === 0 ? Math.min(1, 1 / Math.max(...direction.map(Math.abs))) : 1;
    let accepted: { x: Float64Array; evaluation: Evaluation } | undefined;
    for (let attempt = 0; attempt < MAXIMUM_BACKTRACKS && accepted === undefined; attempt++) {
      const candidate = project(x.map((component, i) => component + length * (direction[i] as number)));
      const evaluation = evaluate(candidate);
      let expected = 0;
      for (let i = 0; i < n; i++) expected += (gradient[i] as number) * ((candidate[i] as number) - (x[i] as number));
      if (evaluation.value <= value + ARMIJO * expected && Number.isFinite(evaluation.value))
        accepted = { x: candidate, evaluation };
      length *= attempt < 3 ? 0.5 : 0.2;
    }
    if (accepted === undefined) break;

    const step = accepted.x.map((component, i) => component - (x[i] as number));
    const change = accepted.evaluation.gradient.map((component, i) => component - (gradient[i] as number));
    if (dot(step, change) > 1e-10 * Math.sqrt(dot(step, step) * dot(change, change))) {
      steps.push(step);
      changes.push(change);
      if (steps.length > MEMORY) {
        steps.shift();
        changes.shift();
      }
    }
    const gain = value - accepted.evaluation.value;
    x = accepted.x;
    value = accepted.evaluation.value;
    gradient = accepted.evaluation.gradient;
    if (gain <= 1e-9 * Math.max(1, Math.abs(value))) break;
  }
  return { x, value };
}

/** -H g by the two-loop recursion. */
function quasiNewtonDirection(
  gradient: Float64Array,
  steps: readonly Float64Array[],
  changes: readonly Float64Array[],
): Float64Array {
  const q = gradient.map((component) => -component);
  const weights: number[] = [];
  for (let k = steps.length - 1; k >= 0; k--) {
    const s = steps[k] as Float64Array;
    const y = changes[k] as Float64Array;
    const weight = dot(s, q) / dot(s, y);
    weights[k] = weight;
    for (let i = 0; i < q.length; i++) q[i] = (q[i] as number) - weight * (y[i] as number);
  }
  const lastS = steps.at(-1);
  const lastY = changes.at(-1);
  if (lastS !== undefined && lastY !== undefined) {
    const scale = dot(lastS, lastY) / dot(lastY, lastY);
    for (let i = 0; i < q.length; i++) q[i] = (q[i] as number) * scale;
  }
  for (let k = 0; k < steps.length; k++) {
    const s = steps[k] as Float64Array;
    const y = changes[k] as Float64Array;
    const correction = (weights[k] as number) - dot(y, q) / dot(s, y);
    for (let i = 0; i < q.length; i++) q[i] = (q[i] as number) + correction * (s[i] as number);
  }
  return q;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
