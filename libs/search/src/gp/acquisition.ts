import { invariant } from '@kinetune/study';

/** What a search maximises: a function of a canonical point, on a log scale, with its gradient. */
export interface Acquisition {
  readonly dimensions: number;
  value(x: Float64Array): number;
  /** Value, and its gradient into `gradient` [D]. */
  valueAndGradient(x: Float64Array, gradient: Float64Array): number;
}

/** The sum of two acquisitions: the product of what their logarithms stand for. */
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

/** The mean of what the acquisitions' values are logarithms of. */
export function averageAcquisitions(parts: readonly Acquisition[]): Acquisition {
  const [only] = parts;
  invariant(only !== undefined, 'an average is of one acquisition at least');
  if (parts.length === 1) return only;
  const gradients = parts.map(() => new Float64Array(only.dimensions));
  return {
    dimensions: only.dimensions,
    value: (x) => logMeanExp(parts.map((part) => part.value(x))),
    valueAndGradient(x, gradient) {
      const values = parts.map((part, k) => part.valueAndGradient(x, gradients[k] as Float64Array));
      const mean = logMeanExp(values);
      const shares = values.map((value) => Math.exp(value - mean) / parts.length);
      for (let i = 0; i < gradient.length; i++)
        gradient[i] = shares.reduce((sum, share, k) => sum + share * (gradients[k]?.[i] as number), 0);
      return mean;
    },
  };
}

function logMeanExp(values: readonly number[]): number {
  const largest = Math.max(...values);
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0) / values.length);
}
