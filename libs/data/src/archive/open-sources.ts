import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@kinetune/study';
import type { FileSource } from './file-source.ts';
import { openFolderSource, unreadable } from './folder-source.ts';
import { openSingleFileSource } from './single-file-source.ts';
import { isGzip, openTarGzSource } from './tar-source.ts';
import { isZip, openZipSource } from './zip-source.ts';

const ARCHIVE_NAME = /\.(zip|whl|tar\.gz|tgz)$/i;
const ARCHIVE_DEPTH = 3;

/** What a path offers: sources to look into, and archives in a folder that could not be opened. */
export interface OpenedSources extends AsyncDisposable {
  readonly sources: readonly FileSource[];
  readonly failures: readonly InputError[];
}

/**
 * Opens a file, an archive, or a folder with the archives near its top.
 * @throws InputError where the path does not exist, or is itself an archive that cannot be opened
 */
export async function openSources(path: string): Promise<OpenedSources> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) {
    throw new InputError(
      'path-missing',
      'expected a data set (a zip, a folder or a file), got a path that does not exist.',
      { file: path },
    );
  }
  const sources: FileSource[] = [];
  const failures: InputError[] = [];
  const opened: OpenedSources = {
    sources,
    failures,
    [Symbol.asyncDispose]: async () => {
      for (const source of sources) await source[Symbol.asyncDispose]();
    },
  };
  if (!facts.isDirectory() && !facts.isFile()) {
    throw new InputError('path-not-a-file', 'expected a file or a folder, got a device or a pipe.', { file: path });
  }
  if (!facts.isDirectory()) {
    sources.push(await openFileSource(path));
    return opened;
  }
  const folder = await openFolderSource(path);
  sources.push(folder);
  for (const { path: entryPath } of folder.entries) {
    if (!ARCHIVE_NAME.test(entryPath) || entryPath.split('/').length > ARCHIVE_DEPTH) continue;
    try {
      sources.push(await openFileSource(join(path, entryPath)));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      failures.push(error);
    }
  }
  return opened;
}

async function openFileSource(path: string): Promise<FileSource> {
  await access(path, constants.R_OK).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (await isZip(path)) return openZipSource(path);
  if (await isGzip(path)) return openTarGzSource(path);
  if (ARCHIVE_NAME.test(path)) {
    throw new InputError(
      'archive-damaged',
      'expected an archive, as its name says, got a file that starts like none. Fetch it again.',
      { file: path },
    );
  }
  return openSingleFileSource(path);
}
