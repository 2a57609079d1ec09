import { createHash } from 'node:crypto';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@kinetune/study';
import { isLitter } from './entry-name.ts';
import { checkFileBytes } from './file-source.ts';
import type { FileSource, SourceEntry } from './file-source.ts';

const MAX_DEPTH = 8;
const MAX_FILES = 200_000;

/**
 * An unpacked data set. Links are followed (a folder of data is often a link), a folder met twice is not entered again.
 * @throws InputError where the folder cannot be read or holds too many files to be a data set
 */
export async function openFolderSource(path: string): Promise<FileSource> {
  const entries: SourceEntry[] = [];
  const visited = new Set<string>();
  const walk = async (folder: string, prefix: string, depth: number): Promise<void> => {
    const real = await realpath(folder);
    if (visited.has(real) || depth > MAX_DEPTH) return;
    visited.add(real);
    for (const name of (await readdir(folder)).sort()) {
      if (name === 'node_modules' || name === '.git' || isLitter(name)) continue;
      const child = join(folder, name);
      const facts = await stat(child).catch(() => undefined); // a dangling link is no file
      if (facts?.isDirectory() === true) await walk(child, `${prefix}${name}/`, depth + 1);
      else if (facts?.isFile() === true) entries.push({ path: prefix + name, bytes: facts.size });
      if (entries.length > MAX_FILES) {
        throw new InputError(
          'folder-too-large',
          `expected a data set's folder, got more than ${MAX_FILES} files. Name the data set's own folder.`,
          { file: path },
        );
      }
    }
  };
  try {
    await walk(path, '', 0);
  } catch (error) {
    throw error instanceof InputError ? error : unreadable(path, error);
  }
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  const sizes = new Map(entries.map((entry) => [entry.path, entry.bytes]));
  const read = async (entryPath: string): Promise<Uint8Array> => {
    const file = join(path, entryPath);
    checkFileBytes(file, sizes.get(entryPath) ?? 0);
    try {
      return await readFile(file);
    } catch (error) {
      throw unreadable(file, error);
    }
  };
  return {
    kind: 'folder',
    path,
    entries,
    place: (entryPath) => join(path, entryPath),
    read,
    sha256: async (entryPaths) => {
      const hash = createHash('sha256');
      for (const entryPath of entryPaths) {
        const bytes = await read(entryPath);
        hash.update(`${entryPath}\n${bytes.length}\n`).update(bytes);
      }
      return hash.digest('hex');
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

export function unreadable(file: string, cause: unknown): InputError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InputError('file-unreadable', `expected a readable file or folder (${reason}).`, { file });
}
