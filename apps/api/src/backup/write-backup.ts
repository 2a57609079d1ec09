/** Writes a home, or a database and its store, into one file: whole, or not at all. */
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { appliedMigrations, atOneMoment, readRows, storedTables, type Database } from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import { pack, type Pack } from 'tar-stream';
import {
  compressionOf,
  HEADER_ENTRY,
  MANIFEST_ENTRY,
  STORE_FOLDERS,
  type BackupHeader,
  type BackupManifest,
} from './backup-format.ts';

export interface BackupSummary {
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
  /** Files that went while it was written: checkpoints that better ones replaced. */
  readonly vanished: readonly string[];
}

export interface BackupOptions {
  /** The folder of checkpoints, logs and windows. */
  readonly store: string;
  readonly now: Date;
}

/**
 * The database is as it was when this began, whoever writes meanwhile. Checkpoints are copied after that: of one that is replaced
 * meanwhile the newer one may be in the file, or none, in which case its trial goes on from the one before.
 * @throws InputError when the file exists already, its folder does not, or its name says no form.
 */
export async function writeBackup(db: Database, file: string, { store, now }: BackupOptions): Promise<BackupSummary> {
  if (existsSync(file))
    throw new InputError('backup-exists', `expected the name of a new file, got ${file}: it exists`);
  if (!existsSync(dirname(file)))
    throw new InputError('backup-folder', `expected a folder that exists, got ${dirname(file)}: make it first`);
  const compression = compressionOf(file);
  const unfinished = `${file}.unfinished`;
  const tar = pack();
  const written = pipeline(tar, compression, createWriteStream(unfinished, { mode: 0o600, flush: true }));
  try {
    const [summary] = await Promise.all([
      fill(tar, db, { store, now }).catch((error: unknown) => {
        tar.destroy(error as Error);
        throw error;
      }),
      written,
    ]);
    await rename(unfinished, file);
    return summary;
  } catch (error) {
    await written.catch(() => {});
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function fill(tar: Pack, db: Database, { store, now }: BackupOptions): Promise<BackupSummary> {
  const entries: BackupManifest['entries'] = {};
  const vanished: string[] = [];
  const add = async (name: string, bytes: number, content: Readable): Promise<void> => {
    const hash = createHash('sha256');
    const entry = tar.entry({ name, size: bytes, mtime: now, mode: 0o600 });
    content.on('data', (chunk: Buffer) => hash.update(chunk));
    await pipeline(content, entry);
    entries[name] = { bytes, sha256: hash.digest('hex') };
  };
  const addText = (name: string, text: string): Promise<void> => {
    const bytes = Buffer.from(text);
    return add(name, bytes.length, Readable.from([bytes], { objectMode: false }));
  };
  const rows = await atOneMoment(db, async (tx) => {
    const header: BackupHeader = {
      format: 1,
      createdAt: now.toISOString(),
      migrations: [...(await appliedMigrations(tx))].sort((a, b) => a - b),
    };
    await addText(HEADER_ENTRY, JSON.stringify(header));
    for (const folder of STORE_FOLDERS)
      for await (const name of filesIn(store, folder)) {
        const handle = await open(join(store, name)).catch(() => undefined);
        if (handle === undefined) {
          vanished.push(name);
          continue;
        }
        // As long as it was when it was opened: a log may grow.
        const { size } = await handle.stat();
        await add(name, size, size === 0 ? closing(handle) : handle.createReadStream({ start: 0, end: size - 1 }));
      }
    const counts: Record<string, number> = {};
    for (const table of await storedTables(tx)) {
      counts[table] = 0;
      let part = 0;
      for await (const lines of readRows(tx, table)) {
        counts[table] += lines.length;
        await addText(`database/${table}/${String(part++).padStart(6, '0')}.jsonl`, `${lines.join('\n')}\n`);
      }
    }
    return counts;
  });
  const manifest: BackupManifest = { rows, entries: { ...entries } };
  await addText(MANIFEST_ENTRY, JSON.stringify(manifest));
  tar.finalize();
  const all = Object.values(manifest.entries);
  return {
    files: Object.keys(manifest.entries).filter((name) => !name.startsWith('database/')).length - 1,
    rows: Object.values(rows).reduce((sum, count) => sum + count, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    vanished,
  };
}

function closing(handle: { close(): Promise<void> }): Readable {
  const empty = Readable.from([], { objectMode: false });
  empty.once('end', () => void handle.close());
  return empty;
}

/** Paths below a folder of the store, with `/`; links are left out. */
async function* filesIn(store: string, folder: string): AsyncGenerator<string> {
  const found = await readdir(join(store, folder), { withFileTypes: true }).catch(() => []);
  for (const one of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = posix.join(folder, one.name);
    if (one.isDirectory()) yield* filesIn(store, name);
    else if (one.isFile()) yield name;
  }
}
