import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise, type Entry } from 'yauzl';

export interface UnpackOptions {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Which files to write, by their path inside the wheel. */
  readonly isWanted: (path: string) => boolean;
}

export interface UnpackedFile {
  /** Relative to the folder unpacked into. */
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Streams the wanted files of a wheel (a zip) into a folder and onto the disk. Nothing is held in memory. Entry names
 * that would leave the folder are refused by yauzl.
 */
export async function unpackWheel(wheel: string, options: UnpackOptions): Promise<readonly UnpackedFile[]> {
  const zip = await openPromise(wheel);
  const written: UnpackedFile[] = [];
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/') || !options.isWanted(entry.fileName)) continue;
      await writeEntry(zip, entry, options);
      written.push({ path: entry.fileName, sizeBytes: entry.uncompressedSize });
    }
  } finally {
    zip.close();
  }
  return written;
}

async function writeEntry(
  zip: Awaited<ReturnType<typeof openPromise>>,
  entry: Entry,
  { folder, signal }: UnpackOptions,
): Promise<void> {
  const target = join(folder, entry.fileName);
  await mkdir(dirname(target), { recursive: true });
  // `flush`: the data is on the disk before the folder is given its final name.
  await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { flush: true }), { signal });
}
