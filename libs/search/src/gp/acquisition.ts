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
