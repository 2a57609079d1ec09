import { open } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { InputError } from '@kinetune/study';
import yauzl from 'yauzl';
import { checkEntryName, isLitter, refuseDuplicate, refuseLink } from './entry-name.ts';
import { DEFAULT_ARCHIVE_LIMITS } from './file-source.ts';
import type { ArchiveLimits, FileSource, SourceEntry } from './file-source.ts';
import { sha256OfFile } from './sha256.ts';

const DIRECTORY_ENTRY = Buffer.from('PK\x01\x02', 'latin1');
const S_IFMT = 0o170000;
const S_IFLNK = 0o120000;
const RATIO_FREE_BYTES = 2 ** 20;

/**
 * Opens a zip (a Python wheel is one) and checks its directory: names, links, encryption, duplicates, sizes.
 * `bytes` opens a zip that lies inside another one; `path` then only names it.
 * @throws InputError naming archive and entry
 */
export async function openZipSource(
  path: string,
  options: { readonly limits?: ArchiveLimits; readonly bytes?: Uint8Array } = {},
): Promise<FileSource> {
  const limits = options.limits ?? DEFAULT_ARCHIVE_LIMITS;
  const zip = await openZip(path, options.bytes);
  try {
    const byPath = await readDirectory(path, zip, limits);
    await checkDirectoryEnd(path, zip, options.bytes);
    const entries: SourceEntry[] = [...byPath.values()]
      .map(({ name, entry }) => ({ path: name, bytes: entry.uncompressedSize }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    return {
      kind: 'archive',
      path,
      entries,
      place: (entryPath) => `${path}!${entryPath}`,
      read: (entryPath) => readEntry(path, zip, entryPath, byPath.get(entryPath)?.entry),
      sha256: async () =>
        options.bytes === undefined ? sha256OfFile(path) : createHash('sha256').update(options.bytes).digest('hex'),
      [Symbol.asyncDispose]: async () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function openZip(path: string, bytes: Uint8Array | undefined): Promise<yauzl.ZipFile> {
  const settings = { autoClose: false, lazyEntries: true, decodeStrings: false };
  try {
    if (bytes !== undefined)
      return await yauzl.fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), settings);
    return await yauzl.openPromise(path, settings);
  } catch (error) {
    throw damaged(path, error);
  }
}

interface NamedEntry {
  readonly name: string;
  readonly entry: yauzl.Entry;
}

async function readDirectory(
  path: string,
  zip: yauzl.ZipFile,
  limits: ArchiveLimits,
): Promise<Map<string, NamedEntry>> {
  const byPath = new Map<string, NamedEntry>();
  const seen = new Set<string>();
  let totalBytes = 0;
  if (zip.entryCount > limits.entryCount)
    throw bomb(path, `${zip.entryCount} entries; the limit is ${limits.entryCount}`);
  const iterator = zip.eachEntry();
  for (;;) {
    let step: IteratorResult<yauzl.Entry>;
    try {
      step = await iterator.next();
    } catch (error) {
      throw damaged(path, error);
    }
    if (step.done === true) break;
    const entry = step.value;
    const name = yauzl
      .getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false)
      .replaceAll('\\', '/');
    checkEntryName(path, name);
    if (((entry.externalFileAttributes >>> 16) & S_IFMT) === S_IFLNK) refuseLink(path, name);
    if (name.endsWith('/')) continue;
    if (seen.has(name)) refuseDuplicate(path, name);
    seen.add(name);
    totalBytes += entry.uncompressedSize;
    if (totalBytes > limits.totalBytes) throw bomb(path, `more than ${limits.totalBytes} bytes uncompressed`);
    if (entry.uncompressedSize > limits.entryBytes) {
      throw bomb(`${path}!${name}`, `${entry.uncompressedSize} bytes uncompressed; the limit is ${limits.entryBytes}`);
    }
    if (entry.uncompressedSize > RATIO_FREE_BYTES && entry.uncompressedSize > limits.ratio * entry.compressedSize) {
      throw bomb(
        `${path}!${name}`,
        `${entry.compressedSize} bytes that unpack to ${entry.uncompressedSize}; the limit is ${limits.ratio} to 1`,
      );
    }
    if (entry.isEncrypted()) {
      throw new InputError(
        'archive-entry-encrypted',
        'expected a plain entry, got an encrypted one. Pack it again without a password.',
        {
          file: `${path}!${name}`,
        },
      );
    }
    if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
      throw new InputError(
        'archive-entry-method',
        `expected an entry stored or deflated, got compression method ${entry.compressionMethod}. Pack it again with an ordinary zip program.`,
        { file: `${path}!${name}` },
      );
    }
    if (!isLitter(name)) byPath.set(name, { name, entry });
  }
  return byPath;
}

/** An archive that declares fewer entries than its directory holds would be read in part, unseen. */
async function checkDirectoryEnd(path: string, zip: yauzl.ZipFile, bytes: Uint8Array | undefined): Promise<void> {
  const end = zip.readEntryCursor as unknown as number; // behind the last entry read; its types have it wrong
  const next = bytes === undefined ? await readAt(path, end) : bytes.subarray(end, end + DIRECTORY_ENTRY.length);
  if (DIRECTORY_ENTRY.equals(next)) {
    throw damaged(path, new Error(`its directory holds more than the ${zip.entryCount} entries it declares`));
  }
}

async function readAt(path: string, position: number): Promise<Uint8Array> {
  await using handle = await open(path, 'r');
  const { buffer, bytesRead } = await handle.read(new Uint8Array(DIRECTORY_ENTRY.length), { position });
  return buffer.subarray(0, bytesRead);
}

async function readEntry(
  path: string,
  zip: yauzl.ZipFile,
  name: string,
  entry: yauzl.Entry | undefined,
): Promise<Uint8Array> {
  const place = `${path}!${name}`;
  if (entry === undefined)
    throw new InputError('archive-entry-missing', 'expected this entry in the archive; it is not there.', {
      file: place,
    });
  const bytes = new Uint8Array(entry.uncompressedSize);
  let filled = 0;
  try {
    const stream: AsyncIterable<Uint8Array> = await zip.openReadStreamPromise(entry);
    for await (const chunk of stream) {
      // yauzl ends the stream with an error once more comes than was declared; this guards the copy itself.
      if (filled + chunk.length > bytes.length) throw new Error(`more than the ${bytes.length} bytes it declares`);
      bytes.set(chunk, filled);
      filled += chunk.length;
    }
  } catch (error) {
    throw damaged(place, error);
  }
  if (filled !== bytes.length) throw damaged(place, new Error(`expected ${bytes.length} bytes, got ${filled}`));
  if (crc32(bytes) !== entry.crc32) throw damaged(place, new Error('its checksum (CRC-32) does not match'));
  return bytes;
}

function damaged(file: string, cause: unknown): InputError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InputError(
    'archive-damaged',
    `expected a whole zip, got one that is truncated or damaged (${reason}). Fetch or pack it again.`,
    { file },
  );
}

function bomb(file: string, what: string): InputError {
  return new InputError(
    'archive-too-large',
    `expected an archive of recordings, got one with ${what}. It is a zip bomb, or not a data set.`,
    { file },
  );
}

/** True for a file that starts as a zip does (also an empty one). */
export async function isZip(path: string): Promise<boolean> {
  await using handle = await open(path, 'r');
  const { buffer, bytesRead } = await handle.read(new Uint8Array(4), 0, 4, 0);
  return bytesRead === 4 && buffer[0] === 0x50 && buffer[1] === 0x4b && (buffer[2] === 3 || buffer[2] === 5);
}
