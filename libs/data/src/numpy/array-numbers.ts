import type { NumpyArray } from './pickle-values.ts';

/**
 * An array's numbers in row-major order, whatever order it was pickled in. [shape[0], shape[1], ...]
 * Throws an Error for text and objects.
 */
export function arrayNumbers(array: NumpyArray): Float64Array {
  const { data, dtype, shape } = array;
  const read = dtype === undefined ? undefined : READERS[dtype.code];
  if (dtype === undefined || read === undefined || !(data instanceof Uint8Array)) {
    throw new Error(`values of dtype ${dtype?.code ?? 'none'}, which are no numbers`);
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const itemBytes = Number(dtype.code.slice(1));
  const count = data.byteLength / itemBytes;
  const values = new Float64Array(count);
  const isLittleEndian = !dtype.isBigEndian;
  const rows = shape[0] ?? 1;
  if (array.isFortranOrder && shape.length > 1) {
    if (shape.length > 2) throw new Error(`expected an array of one or two axes, got ${shape.length}`);
    const columns = count / Math.max(1, rows);
    for (let i = 0; i < count; i++) {
      values[(i % rows) * columns + Math.floor(i / rows)] = read(view, i * itemBytes, isLittleEndian);
    }
  } else for (let i = 0; i < count; i++) values[i] = read(view, i * itemBytes, isLittleEndian);
  return values;
}

type Reader = (view: DataView, at: number, isLittleEndian: boolean) => number;

const READERS: Readonly<Record<string, Reader>> = {
  f8: (view, at, little) => view.getFloat64(at, little),
  f4: (view, at, little) => view.getFloat32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  i4: (view, at, little) => view.getInt32(at, little),
  i2: (view, at, little) => view.getInt16(at, little),
  i1: (view, at) => view.getInt8(at),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  u4: (view, at, little) => view.getUint32(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  u1: (view, at) => view.getUint8(at),
  b1: (view, at) => view.getUint8(at),
};
