/** The database of a home: PostgreSQL where DATABASE_URL names one, else the embedded one in the home's folder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openPostgres, openStorage, type Storage } from '@kinetune/storage';
import { EnvironmentError, InputError } from '@kinetune/study';
import { findApi } from './noted-api.ts';

/** What `kinetune move` leaves of the embedded database. */
export const MOVED_DATABASE = 'database.moved-to-postgresql';

/** @throws InputError for a home whose database was moved, without the address that it was moved to. */
export async function openHome(home: string, environment: NodeJS.ProcessEnv = process.env): Promise<Storage> {
  const url = databaseUrl(environment);
  if (url !== undefined) return openPostgres(home, url);
  if (existsSync(join(home, MOVED_DATABASE)) && !existsSync(join(home, 'database')))
    throw new InputError(
      'home-moved',
      `expected DATABASE_URL to name the PostgreSQL database that ${home} was moved to, got nothing: set it, or rename ${MOVED_DATABASE} in the home to database to go back to how it was before the move`,
    );
  try {
    return await openStorage(home);
  } catch (error) {
    const api = error instanceof EnvironmentError && error.code === 'storage-locked' ? await findApi(home) : undefined;
    if (api === undefined) throw error;
    throw new EnvironmentError(
      'storage-locked',
      `expected a home that no other process works on, and an API has ${home} open: ask it over GraphQL at ${api}/graphql, or stop it and run this again`,
      { cause: error },
    );
  }
}

export function databaseUrl({ DATABASE_URL }: NodeJS.ProcessEnv = process.env): string | undefined {
  return DATABASE_URL === undefined || DATABASE_URL === '' ? undefined : DATABASE_URL;
}
