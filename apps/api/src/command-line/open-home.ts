/** The database of a home: PostgreSQL where DATABASE_URL names one, else the embedded one in the home's folder. */
import { openPostgres, openStorage, type Storage } from '@kinetune/storage';
import { EnvironmentError } from '@kinetune/study';
import { findApi } from './noted-api.ts';

export async function openHome(home: string, environment: NodeJS.ProcessEnv = process.env): Promise<Storage> {
  const url = databaseUrl(environment);
  if (url !== undefined) return openPostgres(home, url);
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
