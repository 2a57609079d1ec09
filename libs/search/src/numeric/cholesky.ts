/** Cholesky factors of symmetric positive definite matrices, row-major in Float64Arrays. Axis letter: N rows. */

/** The lower factor L with L L^T = A (A's lower triangle is read), or undefined when A is not positive definite. */
export function cholesky(a: Float64Array, n: number): Float64Array | undefined {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const rowI = i * n;
    for (let j = 0; j <= i; j++) {
      const rowJ = j * n;
      let sum = a[rowI + j] as number;
      for (let k = 0; k < j; k++) sum -= (l[rowI + k] as number) * (l[rowJ + k] as number);
      if (i === j) {
        if (!(sum > 0)) return undefined;
        l[rowI + i] = Math.sqrt(sum);
      } else {
        l[rowI + j] = sum / (l[rowJ + j] as number);
      }
    }
  }
  return l;
}

/** Solves L x = b into a new array. */
export function solveLower(l: Float64Array, n: number, b: ArrayLike<number>): Float64Array {
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = b[i] as number;
    const row = i * n;
    for (let k = 0; k < i; k++) sum -= (l[row + k] as number) * (x[k] as number);
    x[i] = sum / (l[row + i] as number);
  }
  return x;
}

/** Solves L^T x = b into a new array. */
export function solveLowerTransposed(l: Float64Array, n: number, b: ArrayLike<number>): Float64Array {
  const x = Float64Array.from(b);
  for (let i = n - 1; i >= 0; i--) {
    const row = i * n;
    const value = (x[i] as number) / (l[row + i] as number);
    x[i] = value;
    // Column-oriented: walks rows of L, which are contiguous.
    for (let k = 0; k < i; k++) x[k] = (x[k] as number) - (l[row + k] as number) * value;
  }
  return x;
}

/** Solves L L^T x = b. */
export function solveCholesky(l: Float64Array, n: number, b: ArrayLike<number>): Float64Array {
  return solveLowerTransposed(l, n, solveLower(l, n, b));
}

/** (L L^T)^-1, whole and symmetric. */
export function inverseFromCholesky(l: Float64Array, n: number): Float64Array {
  // Rows of W = L^-1, then W^T W, accumulated row by row so that every inner loop is contiguous.
  const w = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const rowI = i * n;
    const diagonal = l[rowI + i] as number;
    for (let k = 0; k < i; k++) {
      const factor = (l[rowI + k] as number) / diagonal;
      const rowK = k * n;
      for (let j = 0; j <= k; j++) w[rowI + j] = (w[rowI + j] as number) - factor * (w[rowK + j] as number);
    }
    w[rowI + i] = 1 / diagonal;
  }
  const inverse = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const rowK = k * n;
    for (let i = 0; i <= k; i++) {
      const factor = w[rowK + i] as number;
      const rowI = i * n;
      for (let j = 0; j <= i; j++) inverse[rowI + j] = (inverse[rowI + j] as number) + factor * (w[rowK + j] as number);
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) inverse[j * n + i] = inverse[i * n + j] as number;
  return inverse;
}
