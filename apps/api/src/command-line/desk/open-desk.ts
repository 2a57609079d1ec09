import { apiAuthorization, findApi } from '../noted-api.ts';
import { createApiClient } from '../api-client.ts';
import { databaseUrl, openHome } from '../open-home.ts';
import { askedStudies } from './asked-studies.ts';
import { storedStudies } from './stored-studies.ts';
import type { StudyDesk } from './study-desk.ts';

/** The desk of a home's studies: an API that has the embedded database open is asked; a PostgreSQL database has room for us. */
export async function openDesk(home: string): Promise<StudyDesk> {
  const url = databaseUrl() === undefined ? await findApi(home) : undefined;
  if (url === undefined) return storedStudies(await openHome(home));
  return askedStudies(createApiClient(url, apiAuthorization(home)), home);
}
