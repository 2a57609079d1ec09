/** The database of a home: PostgreSQL where DATABASE_URL names one, else the embedded one in the home's folder. */
import { openPostgres, openStorage, type Storage } from '@kinetune/storage';

export async function openHome(home: string, environment: NodeJS.ProcessEnv = process.env): Promise<Storage> {
  const url = databaseUrl(environment);
  return url === undefined ? openStorage(home) : openPostgres(home, url);
}

export function databaseUrl({ DATABASE_URL }: NodeJS.ProcessEnv = process.env): string | undefined {
  return DATABASE_URL === undefined || DATABASE_URL === '' ? undefined : DATABASE_URL;
}
