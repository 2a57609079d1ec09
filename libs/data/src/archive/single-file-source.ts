import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FileSource } from './file-source.ts';
import { sha256OfFile } from './sha256.ts';

/** One plain file, named directly by the user. */
export async function openSingleFileSource(path: string): Promise<FileSource> {
  const name = basename(path);
  return {
    kind: 'file',
    path,
    entries: [{ path: name, bytes: (await stat(path)).size }],
    place: () => path,
    read: () => readFile(path),
    sha256: () => sha256OfFile(path),
    [Symbol.asyncDispose]: async () => {},
  };
}
