/** Least squares by Gram-Schmidt (modified, each column twice): a column that others already span is left out. */

const DEPENDENT = 1e-9;

/** What is left of `y` after its projection on `columns`, and how many of them are independent. [n] each. */
export function residualSumOfSquares(
  columns: readonly Float64Array[],
  y: Float64Array,
): { readonly sum: number; readonly rank: number } {
  const basis: Float64Array[] = [];
  for (const column of columns) {
    const rest = column.slice();
    const length = Math.sqrt(dot(rest, rest));
    // The second pass takes away what rounding left in the first.
    for (let pass = 0; pass < 2; pass++) for (const one of basis) removePart(rest, one);
    const left = Math.sqrt(dot(rest, rest));
    if (left <= DEPENDENT * length || left === 0) continue;
    basis.push(rest.map((value) => value / left));
  }
  const residual = y.slice();
  for (let pass = 0; pass < 2; pass++) for (const one of basis) removePart(residual, one);
  return { sum: dot(residual, residual), rank: basis.length };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function removePart(vector: Float64Array, unit: Float64Array): void {
  const part = dot(vector, unit);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) - part * (unit[i] as number);
}
