import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { cholesky, inverseFromCholesky, solveCholesky } from './cholesky.ts';

/** A = B B^T + I of N rows. */
function positiveDefinite(n: number): Float64Array {
  const rng = createRng('matrix', n);
  const b = Float64Array.from({ length: n * n }, () => rng.normal());
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = i === j ? 1 : 0;
    for (let k = 0; k < n; k++) sum += (b[i * n + k] as number) * (b[j * n + k] as number);
    return sum;
  });
}

// Around the four sums of the inner loop, and beyond.
describe.each([1, 2, 3, 4, 5, 8, 23])('the Cholesky factor of %s rows', (n) => {
  const a = positiveDefinite(n);
  const factor = cholesky(a, n) as Float64Array;
  const rows = Array.from({ length: n }, (_, i) => i);

  it('is lower triangular, and its product is the matrix', () => {
    for (const i of rows)
      for (const j of rows) {
        if (j > i) expect(factor[i * n + j]).toBe(0);
        const product = rows.reduce((sum, k) => sum + (factor[i * n + k] as number) * (factor[j * n + k] as number), 0);
        expect(product).toBeCloseTo(a[i * n + j] as number, 10);
      }
  });

  it('solves A x = b', () => {
    const x = Float64Array.from(rows, (i) => Math.sin(i + 1));
    const b = rows.map((i) => rows.reduce((sum, j) => sum + (a[i * n + j] as number) * (x[j] as number), 0));
    solveCholesky(factor, n, b).forEach((value, i) => expect(value).toBeCloseTo(x[i] as number, 10));
  });

  it('inverts', () => {
    const lower = inverseFromCholesky(factor, n);
    const inverse = (i: number, j: number): number => lower[Math.max(i, j) * n + Math.min(i, j)] as number;
    for (const i of rows)
      for (const j of rows) {
        const product = rows.reduce((sum, k) => sum + (a[i * n + k] as number) * inverse(k, j), 0);
        expect(product).toBeCloseTo(i === j ? 1 : 0, 10);
      }
  });
});

describe('a matrix without a Cholesky factor', () => {
  it.each([
    ['indefinite', [1, 2, 2, 1]],
    ['singular', [1, 1, 1, 1]],
    ['not a number', [NaN, 0, 0, 1]],
    ['infinite', [Infinity, 0, 0, 1]],
  ])('%s is told', (_, a) => {
    expect(cholesky(Float64Array.from(a), 2)).toBeUndefined();
  });
});
