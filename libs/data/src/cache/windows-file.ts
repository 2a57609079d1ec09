/**
 * The windows file: what the trainer reads, and the cache keeps. Little-endian.
 *
 *   offset  bytes  what
 *        0      8  magic `KTWINDOW`
 *        8      4  version (u32)
 *       12      4  H: bytes of the JSON header (u32)
 *       16     32  sha256 of everything from byte 48 to the end
 *       48      8  bytes of the whole file (u64), so that a truncated file is told from a damaged one
 *       56      8  zero
 *       64      H  JSON: WindowsInfo, and for each array its type, shape and offset
 *        …         arrays, each at a multiple of 64 bytes, zeros between them
 *
 * It is read by one allocation and one pass; the arrays are views into it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { endianness } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { EnvironmentError, InputError } from '@kinetune/study';
import type { Windows, WindowsInfo } from '../windows/windows.ts';
import { checkWindows } from './check-windows.ts';

const MAGIC = Buffer.from('KTWINDOW', 'latin1');
const VERSION = 1;
const PREFIX_BYTES = 64;
const CHECKSUM_FROM = 48;
const ALIGNMENT = 64;
const ARRAYS = ['samples', 'label', 'subject', 'recording', 'start'] as const;

interface Header {
  readonly info: WindowsInfo;
  readonly arrays: Readonly<Record<(typeof ARRAYS)[number], { readonly offset: number; readonly length: number }>>;
}

/**
 * Writes windows so that `path` holds either the whole file or what it held before, whatever is killed when: to a
 * temporary file beside it, flushed to the disk, then renamed. Two writers at once both succeed; the last one wins.
 */
export async function writeWindows(path: string, windows: Windows): Promise<void> {
  requireLittleEndian();
  checkWindows(windows, path);
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const chunks = encode(windows);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      for (const chunk of chunks) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new EnvironmentError('windows-not-written', `could not write ${path}: ${(cause as Error).message}`, {
      cause,
    });
  }
  await syncFolder(folder);
}

/**
 * Reads a windows file; the arrays share its one buffer.
 * @throws InputError `windows-file-damaged` where it is truncated, altered or not such a file; `windows-file-missing`.
 */
export async function readWindows(path: string): Promise<Windows> {
  requireLittleEndian();
  const bytes = await readWhole(path);
  const damaged = (what: string): never => {
    throw new InputError('windows-file-damaged', `not a usable windows file: ${what}; delete it and it is rebuilt`, {
      file: path,
    });
  };
  if (bytes.length < PREFIX_BYTES) damaged(`expected at least ${PREFIX_BYTES} bytes, got ${bytes.length}`);
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) damaged('it does not begin with KTWINDOW');
  const version = bytes.readUInt32LE(8);
  if (version !== VERSION) damaged(`expected format version ${VERSION}, got ${version}`);
  const length = Number(bytes.readBigUInt64LE(48));
  if (length !== bytes.length) damaged(`expected ${length} bytes, got ${bytes.length}`);
  const checksum = createHash('sha256').update(bytes.subarray(CHECKSUM_FROM)).digest();
  if (!checksum.equals(bytes.subarray(16, 48))) damaged('its checksum does not match its content');

  // From here on the bytes are those that were written, so a surprise is a writer's mistake; it is still refused.
  const header = parseHeader(bytes) ?? damaged('its header is not what this version writes');
  const array = <T>(name: (typeof ARRAYS)[number], type: new (b: ArrayBuffer, o: number, n: number) => T): T => {
    const { offset, length: count } = header.arrays[name];
    if (offset % ALIGNMENT !== 0 || offset + 4 * count > bytes.length) damaged(`array ${name} lies outside the file`);
    return new type(bytes.buffer, bytes.byteOffset + offset, count);
  };
  const windows: Windows = {
    ...header.info,
    // JSON has no `undefined`: an absent official split comes back as no property.
    officialSplit: header.info.officialSplit,
    samples: array('samples', Float32Array<ArrayBuffer>),
    label: array('label', Int32Array<ArrayBuffer>),
    subject: array('subject', Int32Array<ArrayBuffer>),
    recording: array('recording', Int32Array<ArrayBuffer>),
    start: array('start', Int32Array<ArrayBuffer>),
  };
  checkWindows(windows, path);
  return windows;
}

function encode(windows: Windows): readonly Uint8Array[] {
  const { samples, label, subject, recording, start, ...info } = windows;
  const arrays = { samples, label, subject, recording, start };
  const headerAt = (first: number): Buffer => {
    let offset = first;
    const table = Object.fromEntries(
      ARRAYS.map((name) => {
        const entry = { offset, length: arrays[name].length };
        offset = aligned(offset + arrays[name].byteLength);
        return [name, entry];
      }),
    );
    return Buffer.from(JSON.stringify({ info, arrays: table }), 'utf8');
  };
  // The header's size depends on the digits of the offsets in it, which depend on its size: grow until it fits.
  let first = aligned(PREFIX_BYTES + headerAt(0).length);
  while (PREFIX_BYTES + headerAt(first).length > first) first += ALIGNMENT;
  const header = headerAt(first);
  const chunks: Uint8Array[] = [header, new Uint8Array(first - PREFIX_BYTES - header.length)];
  for (const name of ARRAYS) {
    const { buffer, byteOffset, byteLength } = arrays[name];
    chunks.push(new Uint8Array(buffer, byteOffset, byteLength), new Uint8Array(aligned(byteLength) - byteLength));
  }
  const prefix = Buffer.alloc(PREFIX_BYTES);
  MAGIC.copy(prefix, 0);
  prefix.writeUInt32LE(VERSION, 8);
  prefix.writeUInt32LE(header.length, 12);
  prefix.writeBigUInt64LE(BigInt(chunks.reduce((sum, chunk) => sum + chunk.length, PREFIX_BYTES)), 48);
  const hash = createHash('sha256').update(prefix.subarray(CHECKSUM_FROM));
  for (const chunk of chunks) hash.update(chunk);
  hash.digest().copy(prefix, 16);
  return [prefix, ...chunks];
}

function parseHeader(bytes: Buffer): Header | undefined {
  const headerBytes = bytes.readUInt32LE(12);
  try {
    return JSON.parse(bytes.toString('utf8', PREFIX_BYTES, PREFIX_BYTES + headerBytes)) as Header;
  } catch {
    return undefined;
  }
}

/** The whole file in a buffer of its own, so that typed arrays can lie on it. */
async function readWhole(path: string): Promise<Buffer<ArrayBuffer>> {
  const file = await open(path, 'r').catch((error: unknown) => {
    const cause = error as NodeJS.ErrnoException;
    if (cause.code === 'ENOENT') throw new InputError('windows-file-missing', 'no such windows file', { file: path });
    throw new EnvironmentError('windows-not-read', `could not read ${path}: ${cause.message}`, { cause });
  });
  try {
    const { size } = await file.stat();
    const bytes = Buffer.from(new ArrayBuffer(size));
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await file.close();
  }
}

/** Makes the rename durable where the file system lets a folder be flushed. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

function requireLittleEndian(): void {
  if (endianness() !== 'LE') {
    throw new EnvironmentError('big-endian', 'windows files are little-endian and this machine is big-endian');
  }
}
