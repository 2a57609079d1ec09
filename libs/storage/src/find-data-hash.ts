import { and, asc, eq, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { configurations, trials } from './schema/index.ts';

/** The content hash of the recordings that a study's first trial trained on, by its fingerprint; undefined where none has begun. */
export async function findDataHash(db: Database, studyId: string): Promise<string | undefined> {
  const dataHash = sql<string>`${trials.fingerprint} ->> 'dataHash'`;
  const [row] = await db
    .select({ dataHash })
    .from(trials)
    .innerJoin(configurations, eq(configurations.id, trials.configurationId))
    .where(and(eq(trials.studyId, studyId), sql`jsonb_typeof(${trials.fingerprint} -> 'dataHash') = 'string'`))
    .orderBy(asc(configurations.number), asc(trials.replicate))
    .limit(1);
  return row?.dataHash;
}
