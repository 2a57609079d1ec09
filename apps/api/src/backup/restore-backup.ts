/** Puts back what a backup holds, into a home that is not there yet: whole, or not at all. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, readdirSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import {
  earlierMigrations,
  insertRows,
  openPostgres,
  openStorage,
  requireCounts,
  requireEmptyDatabase,
  storedTables,
  type Database,
  type Storage,
} from '@kinetune/storage';
import { EnvironmentError, InputError } from '@kinetune/study';
import { extract, type Header as EntryHeader } from 'tar-stream';
import {
  backupHeader,
  backupManifest,
  expansionOf,
  HEADER_ENTRY,
  MANIFEST_ENTRY,
  STORE_FOLDERS,
  type BackupManifest,
} from './backup-format.ts';

export interface RestoreOptions {
  readonly home: string;
  /** PostgreSQL; without it the home has its own database. */
  readonly databaseUrl: string | undefined;
}

export interface RestoreSummary {
  readonly files: number;
  readonly rows: number;
  readonly createdAt: string;
}

type Entries = AsyncIterator<Readable & { readonly header: EntryHeader }, undefined>;

/**
 * Everything is put beside the home, checked, and gets the home's name last. Rows written by an earlier version are put into the
 * tables of that time, which are then brought to the present.
 * @throws InputError for a home or a database that is not empty, and for a file that is no whole backup.
 */
export async function restoreBackup(file: string, { home, databaseUrl }: RestoreOptions): Promise<RestoreSummary> {
  if (existsSync(home) && readdirSync(home).length > 0)
    throw new InputError(
      'home-not-empty',
      `expected a home that does not exist yet, got ${home}, which holds something: name another one by --home, or move it away`,
    );
  const aside = `${home}.restoring`;
  await rm(aside, { recursive: true, force: true });
  const unpacked = extract();
  const start = await firstBytes(file);
  const reading = pipeline(createReadStream(file), expansionOf(start), unpacked).catch(() => {}); // Its reader is told.
  try {
    const entries = unpacked[Symbol.asyncIterator]() as unknown as Entries;
    const header = await readHeader(file, entries);
    const migrationsFolder = await earlierMigrations(header.migrations, join(aside, 'migrations'));
    const open = (options: { readonly migrationsFolder: string }): Promise<Storage> =>
      openHomeOf({ home: aside, databaseUrl }, options);
    const place = async (): Promise<void> => {
      await rm(migrationsFolder, { recursive: true });
      await rename(aside, home);
    };
    const restored = await load(file, {
      entries,
      header,
      aside,
      open: () => open({ migrationsFolder }),
      // A database of the home's own goes with the folder, once closed; PostgreSQL commits when the files have their place.
      beforeCommit: databaseUrl === undefined ? async () => {} : place,
    });
    if (databaseUrl === undefined) await place();
    // Brings the rows of an earlier version to the present, and makes the jobs of queued trials.
    await (await openHomeOf({ home, databaseUrl }))[Symbol.asyncDispose]();
    return { ...restored, createdAt: header.document.createdAt };
  } finally {
    unpacked.destroy();
    await reading;
    await rm(aside, { recursive: true, force: true });
  }
}

function openHomeOf(
  { home, databaseUrl }: RestoreOptions,
  options: { readonly migrationsFolder?: string } = {},
): Promise<Storage> {
  return databaseUrl === undefined ? openStorage(home, options) : openPostgres(home, databaseUrl, options);
}

interface Header {
  readonly document: { readonly createdAt: string };
  readonly migrations: readonly number[];
  readonly sha256: string;
  readonly bytes: number;
}

async function readHeader(file: string, entries: Entries): Promise<Header> {
  const first = await fromArchive(file, entries.next());
  if (first.done === true || first.value.header.name !== HEADER_ENTRY)
    throw new InputError(
      'no-backup',
      `expected a file that kinetune backup wrote, got ${file}: it does not begin as one`,
    );
  const bytes = await fromArchive(file, buffer(first.value));
  const document = backupHeader.safeParse(parsed(bytes));
  if (!document.success)
    throw new InputError(
      'no-backup',
      `expected a backup of format 1, got another one in ${file}: update Kinetune first`,
    );
  return { document: document.data, migrations: document.data.migrations, sha256: sha256(bytes), bytes: bytes.length };
}

interface Loading {
  readonly entries: Entries;
  readonly header: Header;
  readonly aside: string;
  readonly open: () => Promise<Storage>;
  readonly beforeCommit: () => Promise<void>;
}

async function load(
  file: string,
  { entries, header, aside, open: openDatabase, beforeCommit }: Loading,
): Promise<{ readonly files: number; readonly rows: number }> {
  await using storage = await openDatabase();
  return await storage.db.transaction(async (tx) => {
    await requireEmptyDatabase(tx);
    const tables = await storedTables(tx);
    const seen: BackupManifest['entries'] = {
      [HEADER_ENTRY]: { bytes: header.bytes, sha256: header.sha256 },
    };
    for (;;) {
      const next = await fromArchive(file, entries.next());
      if (next.done === true) throw damaged(file, 'it ends before its manifest');
      const entry = next.value;
      const { name, type } = entry.header;
      if (name === MANIFEST_ENTRY) {
        const rows = verify(file, seen, await fromArchive(file, buffer(entry)));
        const after = await fromArchive(file, entries.next()); // To the end: of a shortened file all may be there but the end.
        if (after.done !== true) throw damaged(file, 'it goes on after its manifest');
        await requireCounts(tx, rows);
        await beforeCommit();
        return {
          files: Object.keys(seen).filter((one) => STORE_FOLDERS.some((folder) => one.startsWith(`${folder}/`))).length,
          rows: Object.values(rows).reduce((sum, count) => sum + count, 0),
        };
      }
      if (type !== 'file' || seen[name] !== undefined || !isPlainPath(name))
        throw damaged(file, `it holds an entry that no backup has: ${JSON.stringify(name.slice(0, 200))}`);
      const [folder, table = ''] = name.split('/');
      if (folder !== 'database') seen[name] = await fromArchive(file, takeFile(join(aside, name), entry));
      else if (tables.includes(table)) seen[name] = await takeRows(file, { tx, table, entry });
      else throw damaged(file, `it holds rows of a table that is not known: ${table}`);
    }
  });
}

/** Below the folders that a backup has, and nowhere else. */
function isPlainPath(name: string): boolean {
  const [folder = '', ...rest] = name.split('/');
  const isKnown = folder === 'database' || STORE_FOLDERS.some((one) => one === folder);
  return (
    isKnown &&
    rest.length > 0 &&
    rest.every((part) => part !== '' && part !== '.' && part !== '..' && !/[\\\0]/.test(part))
  );
}

interface Rows {
  readonly tx: Database;
  readonly table: string;
  readonly entry: Readable;
}

async function takeRows(file: string, { tx, table, entry }: Rows): Promise<{ bytes: number; sha256: string }> {
  const bytes = await fromArchive(file, buffer(entry));
  const lines = bytes.toString('utf8').split('\n');
  try {
    await insertRows(
      tx,
      table,
      lines.filter((line) => line !== ''),
    );
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    throw damaged(file, `rows of the table ${table} cannot be read`);
  }
  return { bytes: bytes.length, sha256: sha256(bytes) };
}

async function takeFile(path: string, entry: Readable): Promise<{ bytes: number; sha256: string }> {
  await mkdir(dirname(path), { recursive: true });
  const hash = createHash('sha256');
  let bytes = 0;
  entry.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  await pipeline(entry, createWriteStream(path, { flags: 'wx' }));
  return { bytes, sha256: hash.digest('hex') };
}

function verify(file: string, seen: BackupManifest['entries'], bytes: Buffer): BackupManifest['rows'] {
  const manifest = backupManifest.safeParse(parsed(bytes));
  if (!manifest.success) throw damaged(file, 'its manifest cannot be read');
  const { rows, entries } = manifest.data;
  for (const name of new Set([...Object.keys(entries), ...Object.keys(seen)])) {
    const [expected, got] = [entries[name], seen[name]];
    if (expected === undefined) throw damaged(file, `its manifest does not know ${name}`);
    if (got === undefined) throw damaged(file, `${name} is missing`);
    if (got.sha256 !== expected.sha256)
      throw damaged(file, `${name} was written with the SHA-256 ${expected.sha256} and has ${got.sha256}`);
  }
  return rows;
}

/** What fails while the archive is read is the archive's fault, unless the system says that it cannot. */
async function fromArchive<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Error) || 'syscall' in error) throw error;
    throw damaged(file, error.message);
  }
}

function damaged(file: string, what: string): InputError {
  return new InputError(
    'backup-damaged',
    `expected a whole backup, got ${file}, which is damaged: ${what}. Nothing was restored`,
  );
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function firstBytes(file: string): Promise<Buffer> {
  await using handle = await open(file).catch((error: unknown) => {
    throw new InputError(
      'no-backup',
      `expected a backup to read, got ${file}: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  const { buffer: bytes, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  return bytes.subarray(0, bytesRead);
}
