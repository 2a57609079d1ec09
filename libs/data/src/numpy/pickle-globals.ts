import { PickleText, PickleTuple, pickleString } from './pickle-values.ts';
import type { NumpyArray, NumpyDtype } from './pickle-values.ts';

/** The globals a pickled numpy array needs. Everything else can run code, and is refused. */
export const PICKLE_GLOBALS = [
  'reconstruct',
  'frombuffer',
  'ndarray',
  'dtype',
  'encode',
  'bytes',
  'bytearray',
] as const;
export type PickleGlobalName = (typeof PICKLE_GLOBALS)[number];

export interface PickleGlobal {
  readonly type: 'global';
  readonly name: PickleGlobalName;
}

const BY_PYTHON_NAME: ReadonlyMap<string, PickleGlobalName> = new Map([
  ['numpy.core.multiarray _reconstruct', 'reconstruct'],
  ['numpy._core.multiarray _reconstruct', 'reconstruct'],
  ['numpy.core.numeric _frombuffer', 'frombuffer'],
  ['numpy._core.numeric _frombuffer', 'frombuffer'],
  ['numpy ndarray', 'ndarray'],
  ['numpy dtype', 'dtype'],
  ['_codecs encode', 'encode'],
  ['builtins bytes', 'bytes'],
  ['__builtin__ bytes', 'bytes'],
  ['builtins bytearray', 'bytearray'],
  ['__builtin__ bytearray', 'bytearray'],
]);

/** undefined for a global that is not on the list. */
export function findPickleGlobal(module: string, name: string): PickleGlobal | undefined {
  const found = BY_PYTHON_NAME.get(`${module} ${name}`);
  return found === undefined ? undefined : { type: 'global', name: found };
}

/** REDUCE: what numpy's constructors would make of these arguments. Throws an Error saying what was expected. */
export function callPickleGlobal(callee: PickleGlobal, args: readonly unknown[]): unknown {
  switch (callee.name) {
    case 'reconstruct':
      if (!isGlobal(args[0], 'ndarray')) throw new Error('_reconstruct of something that is no numpy.ndarray');
      return emptyArray();
    case 'frombuffer': {
      const [data, dtype, shape, order] = args;
      if (!(data instanceof Uint8Array) || !isDtype(dtype)) throw new Error('_frombuffer without bytes and a dtype');
      const array = emptyArray();
      fillArray(array, { shape, dtype, isFortranOrder: pickleString(order) === 'F', data });
      return array;
    }
    case 'dtype': {
      const code = pickleString(args[0]) ?? '';
      if (!/^[|<>=]?(?:[fiu][1248]|b1|O8?|O4|[SU]\d{1,6})$/.test(code))
        throw new Error(`a numpy dtype "${code.slice(0, 20)}" that holds no plain numbers or text`);
      return {
        type: 'dtype',
        code: code.replace(/^[|<>=]/, ''),
        isBigEndian: code.startsWith('>'),
      } satisfies NumpyDtype;
    }
    case 'encode': {
      const [text, encoding] = args;
      if (!(text instanceof PickleText) || !/^(latin1|latin-1|iso-8859-1)$/i.test(pickleString(encoding) ?? ''))
        throw new Error('_codecs.encode of something other than latin1 text');
      const bytes = text.toLatin1();
      if (bytes === undefined) throw new Error('_codecs.encode of text outside latin1');
      return bytes;
    }
    case 'bytes':
    case 'bytearray': {
      if (args.length === 0) return new Uint8Array(0);
      if (args[0] instanceof Uint8Array) return args[0];
      if (args[0] instanceof PickleText) return callPickleGlobal({ type: 'global', name: 'encode' }, args);
      throw new Error(`${callee.name} of something that is no byte string`);
    }
    case 'ndarray':
      throw new Error('numpy.ndarray called directly; numpy itself writes _reconstruct');
  }
}

/** BUILD: sets an array's or a dtype's state, as `__setstate__` would. */
export function buildPickleState(target: unknown, state: unknown): void {
  const items = state instanceof PickleTuple ? state.items : undefined;
  if (isDtype(target) && items !== undefined) {
    target.isBigEndian = pickleString(items[1]) === '>';
  } else if (isArray(target) && items?.length === 5) {
    const [, shape, dtype, isFortranOrder, data] = items;
    if (!isDtype(dtype)) throw new Error('an array state without a dtype');
    fillArray(target, { shape, dtype, isFortranOrder: isFortranOrder === true || isFortranOrder === 1, data });
  } else throw new Error('a state for something that is no numpy array or dtype');
}

export function isArray(value: unknown): value is NumpyArray {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'ndarray';
}

export function isDtype(value: unknown): value is NumpyDtype {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'dtype';
}

export function isGlobal(value: unknown, name?: PickleGlobalName): value is PickleGlobal {
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'global') return false;
  return name === undefined || (value as PickleGlobal).name === name;
}

function emptyArray(): NumpyArray {
  return { type: 'ndarray', shape: [0], dtype: undefined, isFortranOrder: false, data: undefined };
}

interface ArrayState {
  readonly shape: unknown;
  readonly dtype: NumpyDtype;
  readonly isFortranOrder: boolean;
  readonly data: unknown;
}

/** The declared shape must be exactly what the bytes hold, so that no shape can ask for memory that is not in the file. */
function fillArray(array: NumpyArray, { shape, dtype, isFortranOrder, data }: ArrayState): void {
  const sizes = shape instanceof PickleTuple ? shape.items : [];
  if (!sizes.every((size): size is number => typeof size === 'number' && Number.isSafeInteger(size) && size >= 0)) {
    throw new Error('an array shape that is not made of whole numbers');
  }
  const count = sizes.reduce((product, size) => product * size, 1);
  const isObject = dtype.code.startsWith('O');
  if (isObject ? !Array.isArray(data) : !(data instanceof Uint8Array))
    throw new Error(`an array of dtype ${dtype.code} without its data`);
  const held = (data as { length: number }).length;
  const expected = isObject ? count : count * itemBytes(dtype);
  if (held !== expected) {
    throw new Error(
      `an array of shape (${sizes.join(', ')}) and dtype ${dtype.code}, which takes ${expected} ${isObject ? 'objects' : 'bytes'}, with ${held}`,
    );
  }
  Object.assign(array, { shape: sizes, dtype, isFortranOrder, data });
}

function itemBytes(dtype: NumpyDtype): number {
  const size = Number(dtype.code.slice(1));
  return dtype.code.startsWith('U') ? 4 * size : size;
}
