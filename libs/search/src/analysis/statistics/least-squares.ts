/**
 * Least squares by Gram-Schmidt (modified, each column twice): a column that others already span is left out. Columns are [n].
 *
 * A sum over n rows waits for its own last addition; four columns that are projected on the same vector at once do not wait for each
 * other.
 */

/** A column, less what others span of it. */
export interface Remainder {
  readonly rest: Float64Array;
  /** Of the whole column: nothing is left where the rest is as short as rounding beside it. */
  readonly length: number;
}

const DEPENDENT = 1e-9;

export function wholeColumn(column: Float64Array): Remainder {
  return { rest: column, length: Math.sqrt(sumOfSquares(column)) };
}

/** Orthonormal vectors that span what is left of the columns. */
export function orthonormalBasis(columns: readonly Remainder[]): readonly Float64Array[] {
  const grown: Float64Array[] = [];
  for (const column of columns) {
    const [{ rest, length }] = without(grown, [column]) as [Remainder];
    const left = Math.sqrt(sumOfSquares(rest));
    if (left > DEPENDENT * length && left > 0) grown.push(rest.map((value) => value / left));
  }
  return grown;
}

/** What is left of each column after its projection on a basis, which may be the last part of one: the earlier ones are gone already. */
export function without(basis: readonly Float64Array[], columns: readonly Remainder[]): readonly Remainder[] {
  const left = columns.map(({ rest, length }) => ({ rest: rest.slice(), length }));
  const rests = left.map(({ rest }) => rest);
  const whole = rests.length - (rests.length % 4);
  // The second pass takes away what rounding left in the first.
  for (let pass = 0; pass < 2; pass++) {
    for (let at = 0; at < whole; at += 4)
      for (const unit of basis) removeFourParts(rests.slice(at, at + 4) as unknown as Four, unit);
    for (const rest of rests.slice(whole)) for (const unit of basis) removePart(rest, unit);
  }
  return left;
}

export function sumOfSquares(values: Float64Array): number {
  return dot(values, values);
}

type Four = readonly [Float64Array, Float64Array, Float64Array, Float64Array];

function removeFourParts([a, b, c, d]: Four, unit: Float64Array): void {
  let [inA, inB, inC, inD] = [0, 0, 0, 0];
  for (let i = 0; i < unit.length; i++) {
    const u = unit[i] as number;
    inA += (a[i] as number) * u;
    inB += (b[i] as number) * u;
    inC += (c[i] as number) * u;
    inD += (d[i] as number) * u;
  }
  for (let i = 0; i < unit.length; i++) {
    const u = unit[i] as number;
    a[i] = (a[i] as number) - inA * u;
    b[i] = (b[i] as number) - inB * u;
    c[i] = (c[i] as number) - inC * u;
    d[i] = (d[i] as number) - inD * u;
  }
}

function removePart(vector: Float64Array, unit: Float64Array): void {
  const part = dot(vector, unit);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) - part * (unit[i] as number);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
