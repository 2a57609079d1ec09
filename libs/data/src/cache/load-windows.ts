/** The window cache: windows are built once for each key, then read from their file. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@kinetune/study';
import type { Windows } from '../windows/windows.ts';
import { readWindows, writeWindows } from './windows-file.ts';

export interface LoadWindowsOptions {
  /** Made when missing; may be shared by any number of processes. */
  readonly cacheFolder: string;
  /** From `windowsCacheKey`. */
  readonly key: string;
  /** Imports and cuts; called only when the cache has nothing usable under the key. */
  readonly build: () => Promise<Windows>;
}

export interface LoadedWindows {
  readonly windows: Windows;
  /** The cache file, complete on disk. */
  readonly path: string;
  readonly source: 'cache' | 'built';
  /** Why a file that was there was not trusted; it has been replaced. */
  readonly rejected: string | undefined;
}

/** A writer that was killed leaves its temporary file; after this long nobody can still be writing it. */
const ABANDONED_AFTER_MS = 3_600_000;

/** Windows from the cache, or built and cached. A file that is damaged or of another key is rebuilt, never trusted. */
export async function loadWindows({ cacheFolder, key, build }: LoadWindowsOptions): Promise<LoadedWindows> {
  if (!/^[0-9a-f]{64}$/.test(key)) {
    throw new InputError('windows-key', `expected a key of 64 hexadecimal digits, got '${key}'`);
  }
  const path = join(cacheFolder, `${key}.windows`);
  let rejected: string | undefined;
  try {
    const windows = await readWindows(path);
    if (windows.key === key) return { windows, path, source: 'cache', rejected: undefined };
    rejected = `${path}: expected key ${key}, got ${windows.key}`;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (error.code !== 'windows-file-missing') rejected = error.message;
  }
  const windows: Windows = { ...(await build()), key };
  await writeWindows(path, windows);
  await removeAbandoned(cacheFolder);
  return { windows, path, source: 'built', rejected };
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^\.[0-9a-f]{64}\.windows\..*\.tmp$/.test(name)) continue;
    const path = join(folder, name);
    const facts = await stat(path).catch(() => undefined);
    if (facts !== undefined && Date.now() - facts.mtimeMs > ABANDONED_AFTER_MS) await rm(path, { force: true });
  }
}
