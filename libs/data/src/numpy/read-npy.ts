import { InputError } from '@kinetune/study';
import { isArray } from './pickle-globals.ts';
import { readPickle } from './read-pickle.ts';

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');

/** True for bytes that start as a `.npy` file does. */
function isNpy(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, MAGIC.length), MAGIC) === 0;
}

/**
 * Reads a `.npy` that holds one Python object (a 0-d array of dtype object, `np.save(path, some_dict)`).
 * Format: numpy `lib/format.py`, versions 1 to 3.
 * @throws InputError `npy-damaged`, `npy-not-an-object`, and those of `readPickle`
 */
export function readObjectNpy(bytes: Uint8Array, options: { readonly file: string }): unknown {
  const { file } = options;
  const damaged = (what: string): InputError =>
    new InputError('npy-damaged', `expected a .npy file, got ${what}. Fetch the file again.`, { file });
  if (bytes.length === 0) throw damaged('an empty file');
  if (!isNpy(bytes)) throw damaged('a file that does not start with \\x93NUMPY');
  if (bytes.length < 12) throw damaged('a file that ends in its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6] as number;
  if (version < 1 || version > 3) throw damaged(`format version ${version}, where 1 to 3 are known`);
  const headerAt = version === 1 ? 10 : 12;
  const start = headerAt + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (start > bytes.length) throw damaged('a file that ends in its header');
  const header = Buffer.from(bytes.subarray(headerAt, start)).toString('latin1');
  if (!/'descr':\s*'\|?O8?'/.test(header) || !/'shape':\s*\(\s*\)/.test(header)) {
    throw new InputError(
      'npy-not-an-object',
      `expected a 0-d array that holds one Python object, got the header ${header.trim().slice(0, 120)}.`,
      { file },
    );
  }
  const array = readPickle(bytes, { file, start });
  if (!isArray(array) || !Array.isArray(array.data) || array.data.length !== 1) {
    throw new InputError(
      'npy-not-an-object',
      'expected a 0-d array that holds one Python object, got something else in the pickle.',
      { file },
    );
  }
  return (array.data as readonly unknown[])[0];
}
