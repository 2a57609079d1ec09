/** Opening the embedded database of a home: lock, create or recover, migrate. */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { EnvironmentError } from '@kinetune/study';
import { drizzle } from 'drizzle-orm/pglite';
import { fromPglite } from 'pg-boss';
import { giveHints, hintsWithin } from './change-hints.ts';
import type { Database } from './database.ts';
import {
  freeBytesOnDisk,
  guardWrites,
  NEW_DATABASE_BYTES,
  requireFreeBytes,
  RESERVE_BYTES,
  type FreeBytes,
} from './guard-writes.ts';
import { makeFolder } from './make-folder.ts';
import { MIGRATIONS_FOLDER, migrateStorage } from './migrate-storage.ts';
import * as schema from './schema/index.ts';
import { isFullDisk, storageFailure } from './storage-failure.ts';
import { lockStorage } from './storage-lock.ts';
import { openTrialJobs } from './trial-jobs.ts';

export interface Storage extends AsyncDisposable {
  readonly db: Database;
  /** The folder that holds everything, absolute. */
  readonly home: string;
  /** Whether other processes may have the database open at the same time. */
  readonly isShared: boolean;
}

/**
 * Opens the database in a home, creating both where they are missing. Release it with `await using`.
 * @throws EnvironmentError when another process has it open, the folder cannot be written, the database is damaged or was
 * written by a newer version. Nothing in the folder is changed then.
 */
export async function openStorage(
  home: string,
  options: { readonly migrationsFolder?: string; readonly freeBytes?: FreeBytes } = {},
): Promise<Storage> {
  const folder = resolve(home);
  makeFolder(folder, 'KINETUNE_HOME');
  using unlock = new DisposableStack();
  unlock.use(lockStorage(folder));
  const { migrationsFolder = MIGRATIONS_FOLDER, freeBytes = freeBytesOnDisk } = options;
  const files = join(folder, 'database');
  requireFreeBytes(folder, existsSync(files) ? RESERVE_BYTES : NEW_DATABASE_BYTES + RESERVE_BYTES, freeBytes);
  const client = await openClient(files);
  try {
    const db = drizzle(client, { schema });
    await client.exec('checkpoint'); // what a crash left in the log need not be read a second time
    guardWrites(client, files, freeBytes);
    await migrateStorage(db, migrationsFolder);
    const jobs = await openTrialJobs(db, { db: fromPglite(client), backend: 'pglite' });
    const hints = hintsWithin();
    giveHints(db, hints);
    const release = unlock.move();
    return {
      db,
      home: folder,
      isShared: false,
      async [Symbol.asyncDispose]() {
        using _ = release;
        await hints[Symbol.asyncDispose]();
        await jobs[Symbol.asyncDispose]();
        if (!client.closed) await client.close();
      },
    };
  } catch (error) {
    await client.close().catch(() => undefined);
    throw storageFailure(error) ?? error;
  }
}

async function openClient(folder: string): Promise<PGlite> {
  if (!existsSync(folder) || readdirSync(folder).length === 0) await createDatabase(folder);
  // PGlite would make a new database among what is left of another.
  else if (!existsSync(join(folder, 'PG_VERSION'))) throw damaged(folder, 'it has no PG_VERSION');
  return start(folder);
}

/** A first start that is interrupted leaves nothing that looks like a database: it is made aside and renamed when whole. */
async function createDatabase(folder: string): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const client = await start(unfinished);
  await client.close();
  renameSync(unfinished, folder);
}

/** PGlite's own, and a log that a checkpoint shrinks again: PostgreSQL would keep up to a gigabyte of it. */
const startParams = [...PGlite.defaultStartParams, '-c', 'max_wal_size=64MB', '-c', 'min_wal_size=32MB'];

async function start(folder: string): Promise<PGlite> {
  try {
    // A commit answers when its log is with the operating system: it survives the death of this process at any moment.
    return await PGlite.create(folder, { relaxedDurability: false, startParams });
  } catch (error) {
    throw (
      (isFullDisk(error) ? storageFailure(error) : undefined) ?? damaged(folder, messageOf(error), { cause: error })
    );
  }
}

function damaged(folder: string, what: string, options?: ErrorOptions): EnvironmentError {
  return new EnvironmentError(
    'storage-damaged',
    `could not open the database in ${folder} (${what}): its files are damaged or incomplete. Nothing was changed; put back a copy of the folder, or move it away to start with an empty database`,
    options,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
