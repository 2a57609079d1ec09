/** The connections of this process to a PostgreSQL server. */
import { Pool } from 'pg';
import type { Database } from './database.ts';

export interface ConnectionCounts {
  readonly total: number;
  readonly idle: number;
  /** Queries that wait for one. */
  readonly waiting: number;
}

/** Undefined for a database within the process, which has none. */
export function connectionCounts(db: Database): ConnectionCounts | undefined {
  const pool = '$client' in db ? db.$client : undefined;
  if (!(pool instanceof Pool)) return undefined;
  return { total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount };
}
