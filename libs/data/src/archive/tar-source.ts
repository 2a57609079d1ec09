import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { InputError } from '@kinetune/study';
import tar from 'tar-stream';
import { checkEntryName, isLitter, refuseDuplicate, refuseLink } from './entry-name.ts';
import { DEFAULT_ARCHIVE_LIMITS } from './file-source.ts';
import type { ArchiveLimits, FileSource, SourceEntry } from './file-source.ts';
import { sha256OfFile } from './sha256.ts';

/**
 * Opens a tar.gz. A tar has no directory, so opening it reads it once for the names, and every `read` once more.
 * @throws InputError naming archive and entry
 */
export async function openTarGzSource(
  path: string,
  limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS,
): Promise<FileSource> {
  const entries: SourceEntry[] = [];
  const seen = new Set<string>();
  await walk(path, limits, (name, bytes) => {
    if (seen.has(name)) refuseDuplicate(path, name);
    seen.add(name);
    if (!isLitter(name)) entries.push({ path: name, bytes });
    return undefined;
  });
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    kind: 'archive',
    path,
    entries,
    place: (entryPath) => `${path}!${entryPath}`,
    async read(entryPath) {
      let content: Uint8Array | undefined;
      await walk(path, limits, (name, bytes) => {
        if (name !== entryPath) return undefined;
        content = new Uint8Array(bytes);
        return content;
      });
      if (content === undefined) {
        throw new InputError('archive-entry-missing', 'expected this entry in the archive; it is not there.', {
          file: `${path}!${entryPath}`,
        });
      }
      return content;
    },
    sha256: () => sha256OfFile(path),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Visits every file; where the visitor returns a buffer, the file's bytes are read into it. */
async function walk(
  path: string,
  limits: ArchiveLimits,
  visit: (name: string, bytes: number) => Uint8Array | undefined,
): Promise<void> {
  const extract = tar.extract();
  let totalBytes = 0;
  let entryCount = 0;
  extract.on('entry', (header, stream, next) => {
    stream.on('error', () => {}); // an archive that is given up on ends its open entry too; `pipeline` reports it once
    void (async () => {
      checkEntryName(path, header.name);
      const name = header.name.replace(/^(\.\/)+/, '');
      if (header.type === 'symlink' || header.type === 'link') refuseLink(path, name);
      const bytes = header.size ?? 0;
      totalBytes += bytes;
      if (bytes > limits.entryBytes || totalBytes > limits.totalBytes || ++entryCount > limits.entryCount) {
        throw tooLarge(path, name);
      }
      const target = header.type === 'file' || header.type === 'contiguous-file' ? visit(name, bytes) : undefined;
      let filled = 0;
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        target?.set(chunk, filled);
        filled += chunk.length;
      }
    })().then(
      () => next(),
      (error: unknown) => extract.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  });
  try {
    await pipeline(
      createReadStream(path, { highWaterMark: 2 ** 18 }),
      createGunzip(),
      limitedTo(limits.totalBytes * 1.1, path),
      extract,
    );
  } catch (error) {
    if (error instanceof InputError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(
      'archive-damaged',
      `expected a whole tar.gz, got one that is truncated or damaged, or a gzip of something else (${reason}). Fetch or pack it again.`,
      { file: path },
    );
  }
}

/** Passes bytes on and stops a gzip bomb that hides behind headers or padding. */
async function* passAtMost(chunks: AsyncIterable<Uint8Array>, limit: number, path: string): AsyncGenerator<Uint8Array> {
  let passed = 0;
  for await (const chunk of chunks) {
    passed += chunk.length;
    if (passed > limit) throw tooLarge(path, undefined);
    yield chunk;
  }
}

function limitedTo(limit: number, path: string): (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array> {
  return (chunks) => passAtMost(chunks, limit, path);
}

function tooLarge(path: string, name: string | undefined): InputError {
  return new InputError(
    'archive-too-large',
    'expected an archive of recordings, got one that unpacks beyond the limits. It is a bomb, or not a data set.',
    {
      file: name === undefined ? path : `${path}!${name}`,
    },
  );
}

/** True for a file that starts as gzip does. */
export async function isGzip(path: string): Promise<boolean> {
  await using handle = await open(path, 'r');
  const { buffer, bytesRead } = await handle.read(new Uint8Array(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}
