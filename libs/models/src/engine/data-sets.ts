/** Data for the engine: named splits, checked and laid end to end, since one graph variable holds them all. */
import { InputError } from '@kinetune/study';
import { sizeOf } from './training-state.ts';

/** Rows of the input, and a target each. */
export interface DataSplit {
  /** N rows of the model's input shape, row-major. Finite. */
  readonly x: Float32Array;
  /** A class per row (int32), or N equally long rows of numbers. */
  readonly y: Int32Array | Float32Array;
}

export interface LaidData {
  readonly x: Float32Array;
  readonly y: Int32Array | Float32Array;
  readonly rowShape: readonly number[];
  /** Shape of one target: [] for classes. */
  readonly targetShape: readonly number[];
  readonly rowCount: number;
  readonly splits: ReadonlyMap<string, { readonly start: number; readonly rowCount: number }>;
}

export function layData(splits: Readonly<Record<string, DataSplit>>, rowShape: readonly number[]): LaidData {
  const rowSize = sizeOf(rowShape);
  const names = Object.keys(splits);
  const first = splits[names[0] ?? ''];
  if (splits['train'] === undefined || first === undefined) {
    throw new InputError(
      'data',
      `data needs a split named 'train', got ${names.length === 0 ? 'none' : names.join(', ')}`,
    );
  }
  const isClasses = first.y instanceof Int32Array;
  const placed = new Map<string, { start: number; rowCount: number }>();
  let rowCount = 0;
  let targetSize: number | undefined;
  for (const [name, split] of Object.entries(splits)) {
    const rows = checkSplit(name, split, rowSize, rowShape);
    if (split.y instanceof Int32Array !== isClasses) {
      throw new InputError(
        'data',
        `The targets of '${name}' and '${names[0]}' must be of one kind, Int32Array or Float32Array`,
      );
    }
    const size = split.y.length / rows;
    if (!Number.isInteger(size) || (isClasses && size !== 1) || (targetSize !== undefined && size !== targetSize)) {
      throw new InputError(
        'data',
        `'${name}' has ${rows} rows and ${split.y.length} targets; expected ${isClasses ? 'one' : (targetSize ?? 'a whole number')} per row`,
      );
    }
    targetSize = size;
    placed.set(name, { start: rowCount, rowCount: rows });
    rowCount += rows;
  }
  const size = targetSize ?? 1;
  const x = new Float32Array(rowCount * rowSize);
  const y = isClasses ? new Int32Array(rowCount) : new Float32Array(rowCount * size);
  for (const [name, { start }] of placed) {
    const split = splits[name] as DataSplit;
    x.set(split.x, start * rowSize);
    y.set(split.y, start * size);
  }
  return { x, y, rowShape, targetShape: size === 1 ? [] : [size], rowCount, splits: placed };
}

/** Throws unless every label of every split is a class, 0 to classCount - 1. */
export function assertLabels({ y, splits }: LaidData, classCount: number): void {
  for (const [name, { start, rowCount }] of splits) {
    for (let row = 0; row < rowCount; row++) {
      const label = y[start + row] as number;
      if (label < 0 || label >= classCount) {
        throw new InputError(
          'label',
          `Label ${label} in row ${row} of '${name}' is not a class; the model has ${classCount}, 0 to ${classCount - 1}`,
        );
      }
    }
  }
}

function checkSplit(name: string, { x }: DataSplit, rowSize: number, rowShape: readonly number[]): number {
  const rows = x.length / rowSize;
  if (!Number.isInteger(rows) || rows === 0) {
    throw new InputError(
      'data',
      `x of '${name}' has ${x.length} numbers, not one or more rows of ${rowSize} ([${rowShape.join(', ')}])`,
    );
  }
  const bad = x.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InputError(
      'data',
      `x of '${name}' holds ${x[bad]} in row ${Math.floor(bad / rowSize)}; rows must be finite`,
    );
  }
  return rows;
}

/** Where a split's rows lie; throws for a name the data does not have. */
export function splitOf({ splits }: LaidData, name: string): { readonly start: number; readonly rowCount: number } {
  const split = splits.get(name);
  if (split !== undefined) return split;
  throw new InputError('split', `There is no split '${name}'; the data has ${[...splits.keys()].join(', ')}`);
}
