/**
 * What a PostgreSQL server's own processes would do, and PGlite, which is one process, leaves undone.
 *
 * - Checkpoints: without them the write-ahead log grows until the database is closed (measured: 14 segments of 16 MB after
 *   200 MB of writes, 4 after a checkpoint), and is read again whole after a crash.
 * - A full disk: when the log cannot grow, PGlite's server does not fail but spins for ever (measured on a 60 MB tmpfs), and a
 *   start after that needs space as well. So a transaction is refused while there is still room to close in good order.
 */
import { readdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { EnvironmentError } from '@kinetune/study';

const MEGABYTE = 1024 * 1024;
/** Two new log segments of 16 MB, and the pages of a last checkpoint. */
export const RESERVE_BYTES = 48 * MEGABYTE;
/** A new database takes 40 MB. */
export const NEW_DATABASE_BYTES = 48 * MEGABYTE;
const MOST_LOG_SEGMENTS = 5;

/** Free bytes of the disk that holds a folder. */
export type FreeBytes = (folder: string) => number;

export const freeBytesOnDisk: FreeBytes = (folder) => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};

/** @throws EnvironmentError `storage-full` when the disk of `folder` has less than `needed` bytes left. */
export function requireFreeBytes(folder: string, needed: number, freeBytes: FreeBytes): void {
  const free = freeBytes(folder);
  if (free >= needed) return;
  const megabytes = (bytes: number): string => `${Math.floor(bytes / MEGABYTE)} MB`;
  throw new EnvironmentError(
    'storage-full',
    `the disk is full: the database in ${folder} needs ${megabytes(needed)} free, there are ${megabytes(free)}. Everything written before is kept; free some space and run the same command again to continue`,
  );
}

/** Makes every transaction of `client`, whose files are in `folder`, check the space before and the log after. */
export function guardWrites(client: PGlite, folder: string, freeBytes: FreeBytes): void {
  const transaction = client.transaction.bind(client);
  client.transaction = async (work) => {
    requireFreeBytes(folder, RESERVE_BYTES, freeBytes);
    const result = await transaction(work);
    if (countLogSegments(folder) > MOST_LOG_SEGMENTS) await client.exec('checkpoint');
    return result;
  };
}

function countLogSegments(folder: string): number {
  return readdirSync(join(folder, 'pg_wal')).filter((name) => /^[0-9A-F]{24}$/.test(name)).length;
}
