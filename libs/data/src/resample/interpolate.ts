export const INTERPOLATIONS = ['linear', 'cubic'] as const;
export type Interpolation = (typeof INTERPOLATIONS)[number];

/**
 * The value of a signal between its samples, at a position in samples, 0 ... N-1.
 * `cubic` is the natural cubic spline: twice differentiable, second derivative 0 at both ends.
 */
export function interpolate(signal: Float64Array, method: Interpolation): (position: number) => number {
  const last = signal.length - 1;
  const curvature = method === 'cubic' ? secondDerivatives(signal) : new Float64Array(signal.length);
  return (position) => {
    const i = Math.min(Math.max(0, last - 1), Math.floor(position));
    const b = position - i;
    const a = 1 - b;
    const left = signal[i] as number;
    const right = signal[Math.min(last, i + 1)] as number;
    const bend =
      (a * a * a - a) * (curvature[i] as number) + (b * b * b - b) * (curvature[Math.min(last, i + 1)] as number);
    return a * left + b * right + bend / 6;
  };
}

/** Of the natural spline with unit spacing: M[i-1] + 4 M[i] + M[i+1] = 6 (y[i-1] - 2 y[i] + y[i+1]), solved by elimination. */
function secondDerivatives(y: Float64Array): Float64Array {
  const count = y.length;
  const result = new Float64Array(count);
  const upper = new Float64Array(count);
  for (let i = 1; i < count - 1; i++) {
    const pivot = 4 - (upper[i - 1] as number);
    const right = 6 * ((y[i - 1] as number) - 2 * (y[i] as number) + (y[i + 1] as number));
    upper[i] = 1 / pivot;
    result[i] = (right - (result[i - 1] as number)) / pivot;
  }
  for (let i = count - 2; i > 0; i--) {
    result[i] = (result[i] as number) - (upper[i] as number) * (result[i + 1] as number);
  }
  return result;
}
