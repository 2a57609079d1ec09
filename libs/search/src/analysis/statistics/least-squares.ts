/** Least squares by Gram-Schmidt (modified, each column twice): a column that others already span is left out. Columns are [n]. */

const DEPENDENT = 1e-9;

/** Orthonormal vectors that span `columns`, those of `basis` first: a model grows without fitting it anew. */
export function orthonormalBasis(
  columns: readonly Float64Array[],
  basis: readonly Float64Array[] = [],
): readonly Float64Array[] {
  const grown = [...basis];
  for (const column of columns) {
    const rest = column.slice();
    const length = Math.sqrt(dot(rest, rest));
    // The second pass takes away what rounding left in the first.
    for (let pass = 0; pass < 2; pass++) for (const one of grown) removePart(rest, one);
    const left = Math.sqrt(dot(rest, rest));
    if (left <= DEPENDENT * length || left === 0) continue;
    grown.push(rest.map((value) => value / left));
  }
  return grown;
}

/** What is left of `y` after its projection on a basis. */
export function residual(basis: readonly Float64Array[], y: Float64Array): Float64Array {
  const rest = y.slice();
  for (let pass = 0; pass < 2; pass++) for (const one of basis) removePart(rest, one);
  return rest;
}

export function sumOfSquares(values: Float64Array): number {
  return dot(values, values);
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
