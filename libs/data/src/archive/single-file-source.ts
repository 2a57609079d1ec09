import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { checkFileBytes } from './file-source.ts';
import type { FileSource } from './file-source.ts';
import { sha256OfFile } from './sha256.ts';

/** One plain file, named directly by the user. @throws InputError where it is too large */
export async function openSingleFileSource(path: string): Promise<FileSource> {
  const name = basename(path);
  const { size } = await stat(path);
  checkFileBytes(path, size);
  return {
    kind: 'file',
    path,
    entries: [{ path: name, bytes: size }],
    place: () => path,
    read: () => readFile(path),
    sha256: () => sha256OfFile(path),
    [Symbol.asyncDispose]: async () => {},
  };
}
