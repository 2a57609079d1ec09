/** The file that an import reads: that it is one, and what it begins with. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { InputError } from '@kinetune/study';

export interface ExchangeFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** At most the first 4096 bytes. */
  readonly head: Buffer;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is none of this name',
  ENOTDIR: 'a part of its path is no folder',
  ELOOP: 'its symbolic links go round in a circle',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  ENAMETOOLONG: 'its name is too long',
};

/** @param expected what the file is to be, for the message: `an Optuna storage`. */
export function openExchangeFile(path: string, expected: string): ExchangeFile {
  const refuse = (what: string): never => {
    throw new InputError('not-a-file', `expected the file of ${expected}, but ${what}: check the path`, { file: path });
  };
  let file: number;
  try {
    // O_NONBLOCK: a named pipe without a writer would be waited for.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return refuse(REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message);
  }
  try {
    const found = fstatSync(file);
    if (found.isDirectory()) return refuse('it is a folder');
    if (!found.isFile()) return refuse('it is no regular file');
    if (found.size === 0) return refuse('it is empty (0 bytes)');
    const head = Buffer.alloc(Math.min(4096, found.size));
    const length = readSync(file, head, 0, head.length, 0);
    return { path, sizeBytes: found.size, head: head.subarray(0, length) };
  } finally {
    closeSync(file);
  }
}
