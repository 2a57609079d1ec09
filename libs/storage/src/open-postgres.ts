/** Opening a PostgreSQL database that several processes share: connect, migrate, hand out. */
import { resolve } from 'node:path';
import { EnvironmentError, InputError } from '@kinetune/study';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import type { Pool } from 'pg';
import { fromDrizzle } from 'pg-boss';
import { giveHints } from './change-hints.ts';
import { ConnectionPool } from './connection-pool.ts';
import { makeFolder } from './make-folder.ts';
import { MIGRATIONS_FOLDER, refuseNewerDatabase } from './migrate-storage.ts';
import type { Storage } from './open-storage.ts';
import { postgresHints } from './postgres-hints.ts';
import * as schema from './schema/index.ts';
import { storageFailure } from './storage-failure.ts';
import { openTrialJobs } from './trial-jobs.ts';

export interface PostgresOptions {
  readonly migrationsFolder?: string;
  /** Connections at once. */
  readonly connections?: number;
  readonly connectTimeoutMs?: number;
}

/** Any number; the same in every version, so that two that start at once migrate one after the other. */
const MIGRATION_LOCK = 7_264_381_095;

/**
 * Opens the database at `url` and brings it to the present schema. Several processes may have it open. `home` is still the folder
 * of what is not in the database. Release it with `await using`.
 * @throws InputError for something that is no address of PostgreSQL; EnvironmentError when it cannot be reached or was written by
 *   a newer version. No message holds the password.
 */
export async function openPostgres(home: string, url: string, options: PostgresOptions = {}): Promise<Storage> {
  const { migrationsFolder = MIGRATIONS_FOLDER, connections = 10, connectTimeoutMs = 10_000 } = options;
  const shown = shownUrl(url);
  const folder = resolve(home);
  makeFolder(folder, 'KINETUNE_HOME');
  const pool = new ConnectionPool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    // Locks of a client whose network was cut in the middle of a transaction would outlive it by hours.
    idle_in_transaction_session_timeout: 30_000,
    application_name: 'kinetune',
  });
  try {
    const db = drizzle(pool, { schema });
    await using lock = await migrationLock(pool);
    const own = drizzle(lock.client, { schema });
    await refuseNewerDatabase(own, migrationsFolder);
    await migrate(own, { migrationsFolder });
    const jobs = await openTrialJobs(db, { db: fromDrizzle(db, sql), backend: 'postgres' });
    const hints = postgresHints(pool, url);
    giveHints(db, hints);
    return {
      db,
      home: folder,
      isShared: true,
      async [Symbol.asyncDispose]() {
        await jobs[Symbol.asyncDispose]();
        await hints[Symbol.asyncDispose]();
        await pool.end();
      },
    };
  } catch (error) {
    await pool.end().catch(() => {});
    const failure = storageFailure(error);
    if (failure !== undefined && failure.code !== 'storage-unreachable') throw failure;
    if (failure === undefined && !(error instanceof Error && 'code' in error)) throw error;
    throw new EnvironmentError(
      'storage-unreachable',
      `could not open the database at ${shown} (${error instanceof Error ? error.message : String(error)}): check DATABASE_URL, and that PostgreSQL runs there and lets this user in`,
      { cause: error },
    );
  }
}

async function migrationLock(pool: Pool) {
  const client = await pool.connect();
  await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => {});
      client.release();
    },
  };
}

/** The address without what is secret in it. */
function shownUrl(url: string): string {
  const wrong = (got: string) =>
    new InputError(
      'bad-database-url',
      `expected DATABASE_URL to be like postgresql://user:password@host:5432/database, got ${got}`,
    );
  if (!URL.canParse(url)) throw wrong('something that is no address');
  const { protocol, username, hostname, port, pathname, searchParams } = new URL(url);
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') throw wrong(`one that begins with ${protocol}`);
  const host = hostname || searchParams.get('host') || 'localhost';
  return `postgresql://${username === '' ? '' : `${username}@`}${host}${port === '' ? '' : `:${port}`}${pathname}`;
}
