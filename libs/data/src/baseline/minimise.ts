/**
 * L-BFGS for smooth convex functions (Nocedal & Wright 2006, algorithms 7.4 and 7.5), with backtracking to the Armijo
 * condition. On a strictly convex function every step has positive curvature, so the weaker condition suffices; a pair
 * without it is skipped.
 */

/** Writes the gradient at x into `gradient` and returns the value. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** False where `maxIterations` came first, or no step improved the value any more. */
  readonly hasConverged: boolean;
}

const MEMORY = 10;
const ARMIJO = 1e-4;

/** Minimises from `start` until the largest gradient entry is at most `tolerance`. */
export function minimise(
  objective: Objective,
  start: Float64Array,
  { tolerance, maxIterations }: { readonly tolerance: number; readonly maxIterations: number },
): Minimum {
  const size = start.length;
  let x = Float64Array.from(start);
  let gradient = new Float64Array(size);
  let value = objective(x, gradient);
  let nextX = new Float64Array(size);
  let nextGradient = new Float64Array(size);
  const pairs: { readonly s: Float64Array; readonly y: Float64Array; readonly rho: number }[] = [];
  const direction = new Float64Array(size);
  const alphas = new Float64Array(MEMORY);

  for (let iteration = 0; ; iteration++) {
    if (gradient.every((entry) => Math.abs(entry) <= tolerance)) {
      return { x, value, iterations: iteration, hasConverged: true };
    }
    if (iteration === maxIterations) return { x, value, iterations: iteration, hasConverged: false };

    // Two loops: direction = -H gradient.
    for (let i = 0; i < size; i++) direction[i] = -(gradient[i] as number);
    for (let p = pairs.length - 1; p >= 0; p--) {
      const { s, y, rho } = pairs[p] as (typeof pairs)[number];
      const alpha = rho * dot(s, direction);
      alphas[p] = alpha;
      addScaled(direction, -alpha, y);
    }
    const last = pairs.at(-1);
    const scale =
      last === undefined ? 1 / Math.max(1, Math.sqrt(dot(gradient, gradient))) : 1 / (last.rho * dot(last.y, last.y));
    for (let i = 0; i < size; i++) direction[i] = (direction[i] as number) * scale;
    for (let p = 0; p < pairs.length; p++) {
      const { s, y, rho } = pairs[p] as (typeof pairs)[number];
      addScaled(direction, (alphas[p] as number) - rho * dot(y, direction), s);
    }

    const slope = dot(gradient, direction);
    let step = 1;
    let nextValue = Infinity;
    for (let trial = 0; ; trial++) {
      for (let i = 0; i < size; i++) nextX[i] = (x[i] as number) + step * (direction[i] as number);
      nextValue = objective(nextX, nextGradient);
      if (nextValue <= value + ARMIJO * step * slope) break;
      // Rounding leaves nothing to gain along this direction: the value is as low as float64 can tell.
      if (trial === 40) return { x, value, iterations: iteration, hasConverged: false };
      // The parabola through value, slope and nextValue, kept within a tenth and a half of the step.
      const parabola = (-slope * step * step) / (2 * (nextValue - value - slope * step));
      step = Number.isFinite(parabola) ? Math.min(step / 2, Math.max(step / 10, parabola)) : step / 2;
    }

    const s = new Float64Array(size);
    const y = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      s[i] = (nextX[i] as number) - (x[i] as number);
      y[i] = (nextGradient[i] as number) - (gradient[i] as number);
    }
    const curvature = dot(s, y);
    if (curvature > 1e-14 * dot(y, y)) {
      if (pairs.length === MEMORY) pairs.shift();
      pairs.push({ s, y, rho: 1 / curvature });
    }
    [x, nextX] = [nextX, x];
    [gradient, nextGradient] = [nextGradient, gradient];
    value = nextValue;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function addScaled(into: Float64Array, factor: number, values: Float64Array): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) + factor * (values[i] as number);
}
