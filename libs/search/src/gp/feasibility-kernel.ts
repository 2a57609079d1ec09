/**
 * What is alike in feasibility: a half-space, as most limits are (memory, a rate times a length), and a smooth rest.
 *
 *   k(x, x') = scale (linearShare (1 + sum_j u_j u'_j) + (1 - linearShare) m(r)), u = (x - 1/2) sqrt12: variance 1 over the cube
 *   m: Matern-5/2 with one length scale of half the cube's diagonal; a categorical coordinate adds [x_j = x'_j] and [x_j != x'_j]
 */

const SQRT5 = Math.sqrt(5);
const LENGTH_SCALE = 0.5;

export interface FeasibilityKernel {
  readonly scale: number;
  readonly linearShare: number;
}

/** The parts of a kernel at a pair of points, without scale and share. */
export interface KernelParts {
  readonly linear: number;
  readonly smooth: number;
  /** d smooth / d x_j is this times (x_j - x'_j). */
  readonly smoothSlope: number;
}

export function kernelParts(a: Float64Array, b: Float64Array, isCategorical: Uint8Array): KernelParts {
  let linear = 1;
  let squared = 0;
  for (let j = 0; j < a.length; j++) {
    const difference = (a[j] as number) - (b[j] as number);
    if (isCategorical[j] === 1) {
      if (difference === 0) linear += 1;
      else squared += 1;
    } else {
      linear += 12 * ((a[j] as number) - 0.5) * ((b[j] as number) - 0.5);
      squared += difference * difference;
    }
  }
  const weight = 1 / (LENGTH_SCALE ** 2 * a.length);
  const r = SQRT5 * Math.sqrt(weight * squared);
  const decay = Math.exp(-r);
  return { linear, smooth: (1 + r + (r * r) / 3) * decay, smoothSlope: (-5 / 3) * (1 + r) * decay * weight };
}

export function kernelOf({ scale, linearShare }: FeasibilityKernel, { linear, smooth }: KernelParts): number {
  return scale * (linearShare * linear + (1 - linearShare) * smooth);
}
