/**
 * Folders that exist whole or not at all, whatever is killed when: the files are written and flushed under another name, which
 * is then renamed; and a folder's own list of checksums (`SHA256SUMS`, readable by `sha256sum -c`) tells damage later on.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EnvironmentError, InputError } from '@kinetune/study';

export type FolderFiles = Readonly<Record<string, Uint8Array>>;

const CHECKSUMS = 'SHA256SUMS';
const UNFINISHED_PREFIX = '.unfinished-';
const DISK_FULL_CODES: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * Makes `folder` hold exactly `files`, durably; one that is there is replaced. Its parent must exist.
 * @throws EnvironmentError `disk-full` or `checkpoint-unwritable`; then nothing of the new folder is left.
 */
export async function writeFolderDurably(folder: string, files: FolderFiles): Promise<void> {
  const parent = dirname(folder);
  const unfinished = join(parent, `${UNFINISHED_PREFIX}${basename(folder)}`);
  try {
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished);
    for (const [name, bytes] of Object.entries(files)) await writeFileDurably(join(unfinished, name), bytes);
    await writeFileDurably(join(unfinished, CHECKSUMS), new TextEncoder().encode(checksumLines(files)));
    await flushFolder(unfinished);
    // rename(2) does not replace a folder that has files. One of this name is from an attempt that got further than its
    // measurements, and holds the same: the trial's other checkpoints stand in for it during the moment without.
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
    await flushFolder(parent);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => {});
    throw writeError(error, folder);
  }
}

/**
 * Every file of a folder that `writeFolderDurably` wrote, checked against its checksums.
 * @throws InputError `checkpoint-damaged` naming the file that is missing, torn or changed.
 */
export async function readDurableFolder(folder: string): Promise<FolderFiles> {
  const read = async (name: string): Promise<Uint8Array> => {
    const file = join(folder, name);
    return readFile(file).catch((error: unknown) => {
      throw new InputError('checkpoint-damaged', `cannot be read: ${(error as Error).message}`, { file });
    });
  };
  const files: Record<string, Uint8Array> = {};
  const listed = new TextDecoder().decode(await read(CHECKSUMS));
  for (const line of listed.split('\n').slice(0, -1)) {
    const [, checksum, name] = /^([0-9a-f]{64}) {2}([\w.-]+)$/.exec(line) ?? [];
    if (checksum === undefined || name === undefined) {
      throw new InputError('checkpoint-damaged', 'is not a list of checksums', { file: join(folder, CHECKSUMS) });
    }
    const bytes = await read(name);
    if (sha256(bytes) !== checksum) {
      throw new InputError('checkpoint-damaged', `its sha256 is not the ${checksum} it was written with`, {
        file: join(folder, name),
      });
    }
    files[name] = bytes;
  }
  if (!listed.endsWith('\n') || Object.keys(files).length === 0) {
    throw new InputError('checkpoint-damaged', 'the list of checksums is torn', { file: join(folder, CHECKSUMS) });
  }
  return files;
}

/** Removes what a killed writer left under `parent`. */
export async function removeUnfinished(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (name.startsWith(UNFINISHED_PREFIX)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** Creates a file that is not there, writes it and waits until the disk has it. */
export async function writeFileDurably(file: string, bytes: Uint8Array): Promise<void> {
  await using handle = await open(file, 'wx');
  await handle.writeFile(bytes);
  await handle.sync();
}

/** Makes a folder's list of names durable: a file's own flush does not include its name. */
export async function flushFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

/** The error to report when writing under `target` failed. */
export function writeError(error: unknown, target: string): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  if (DISK_FULL_CODES.has(code)) {
    return new EnvironmentError('disk-full', `no room to write ${target} (${code}): free some space, then continue`, {
      cause: error,
    });
  }
  if (code === undefined) return error as Error;
  return new EnvironmentError('checkpoint-unwritable', `cannot write ${target}: ${message}`, { cause: error });
}

function checksumLines(files: FolderFiles): string {
  return Object.entries(files)
    .map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`)
    .join('');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
