import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type * as schema from './schema/index.ts';

/** A drizzle database on PGlite or PostgreSQL, or a transaction of one: nothing here knows which. */
export type Database = PgDatabase<PgQueryResultHKT, typeof schema>;
