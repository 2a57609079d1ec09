import { InputError } from '@kinetune/study';

/**
 * Where an importer reads from: a zip, a tar.gz or a folder, all seen as a flat list of files.
 * Nothing is ever unpacked to disk, and nothing is written to the source.
 */

export interface SourceEntry {
  /** Relative to the source, with `/` between folders. */
  readonly path: string;
  /** Uncompressed size in bytes, as declared. */
  readonly bytes: number;
}

export interface FileSource extends AsyncDisposable {
  readonly kind: 'archive' | 'folder' | 'file';
  /** The archive, folder or file, as named by the user. */
  readonly path: string;
  /** Sorted by path, so that an import does not depend on the order in which an archive was written. */
  readonly entries: readonly SourceEntry[];
  /** How errors name an entry: `data.zip!RawData/labels.txt`, `folder/RawData/labels.txt`. */
  place(entryPath: string): string;
  /** The whole entry. @throws InputError where it is damaged or larger than it declares. */
  read(entryPath: string): Promise<Uint8Array>;
  /** sha256 (hex) over the archive's own bytes, or over the names and bytes of these entries of a folder. */
  sha256(entryPaths: readonly string[]): Promise<string>;
}

/** Files are read whole, and a file may be one line: V8's longest string has 2^29 - 24 letters. */
const MAX_FILE_BYTES = 500_000_000;

/** @throws InputError `file-too-large`, before a byte of it is read */
export function checkFileBytes(file: string, bytes: number): void {
  if (bytes <= MAX_FILE_BYTES) return;
  throw new InputError(
    'file-too-large',
    `expected a file of at most ${MAX_FILE_BYTES} bytes, got ${bytes}. Split it; all files of a folder are read as one data set.`,
    { file },
  );
}

/** Bounds on what an archive may ask of memory. Published sets stay well inside: HAPT has 133 MB at 6:1. */
export interface ArchiveLimits {
  /** Uncompressed bytes of all entries together. */
  readonly totalBytes: number;
  readonly entryBytes: number;
  readonly entryCount: number;
  /** Uncompressed to compressed, for entries above a mebibyte; text of sensors stays under 20. */
  readonly ratio: number;
}

export const DEFAULT_ARCHIVE_LIMITS: ArchiveLimits = {
  totalBytes: 2 * 2 ** 30,
  entryBytes: MAX_FILE_BYTES,
  entryCount: 200_000,
  ratio: 200,
};

/** Yields entries in the given order, reading one ahead, so that inflating overlaps the caller's parsing. */
export async function* readEntries(
  source: FileSource,
  entryPaths: readonly string[],
): AsyncGenerator<{ readonly path: string; readonly bytes: Uint8Array }> {
  const start = (path: string): Promise<Uint8Array> => {
    const reading = source.read(path);
    reading.catch(() => {}); // an abandoned read-ahead must not surface as an unhandled rejection
    return reading;
  };
  let next = entryPaths[0] === undefined ? undefined : start(entryPaths[0]);
  for (const [index, path] of entryPaths.entries()) {
    const current = next;
    const following = entryPaths[index + 1];
    const bytes = await current;
    next = following === undefined ? undefined : start(following);
    if (bytes !== undefined) yield { path, bytes };
  }
}
