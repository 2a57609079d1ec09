/** Writes an export where a person wants it: into a file, whole or not at all, or into a device or a pipe as it comes. */
import { createWriteStream } from 'node:fs';
import { realpath, rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InputError } from '@kinetune/study';

/**
 * A file that was there stays until the new one is whole; a link goes on leading to it.
 * @param option the option that named the path, for messages: `--output`.
 * @throws InputError for a folder, and for a file in a folder that is not there.
 */
export async function writeOutput(text: AsyncIterable<string>, path: string, option: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true)
    throw new InputError(
      'not-a-file',
      `${option}: expected a file to write, got the folder ${path}: name a file in it`,
    );
  // What is no file, /dev/stdout or a named pipe, would be replaced by one.
  if (found !== undefined && !found.isFile()) return pipeline(Readable.from(text), createWriteStream(path));
  const target = found === undefined ? path : await realpath(path);
  const unfinished = `${target}.unfinished`;
  try {
    await pipeline(Readable.from(text), createWriteStream(unfinished));
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { force: true });
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw new InputError('not-a-file', `${option}: expected a file in a folder that exists, got ${path}`);
    throw error;
  }
}
