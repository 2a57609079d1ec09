/**
 * Smooth random curves from a few knots: c(t) = Σ_k knot_k basis_k(t), with raised-cosine blending between neighbouring
 * knots. Unlike Um et al.'s cubic splines a curve never leaves the range of its knots, so a warped speed stays positive.
 */

/** Knots of a curve over a window, both ends included: four moves, as in Um et al. 2017 (arXiv 1706.00527). */
export const KNOT_COUNT = 5;

/** basis[k][t], for T samples; the columns sum to 1. */
export function smoothBasis(length: number): number[][] {
  return Array.from({ length: KNOT_COUNT }, (_, k) =>
    Array.from({ length }, (_, t) => {
      const position = length === 1 ? 0 : (t / (length - 1)) * (KNOT_COUNT - 1);
      const distance = Math.min(Math.abs(position - k), 1);
      return (1 + Math.cos(Math.PI * distance)) / 2;
    }),
  );
}

/** The integral of each basis curve from the first sample to each sample, by the trapezoid rule, in samples. */
export function integratedBasis(length: number): number[][] {
  return smoothBasis(length).map((curve) => {
    let sum = 0;
    return curve.map((value, t) => {
      if (t > 0) sum += ((curve[t - 1] as number) + value) / 2;
      return sum;
    });
  });
}
