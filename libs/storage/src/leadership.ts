/**
 * What one process at a time may do, by a row that it renews. The database's clock decides, so that no two clocks have to agree; it
 * works alike on PGlite, on PostgreSQL and through a connection pool, where a session's advisory lock would need a connection of
 * its own and is lost without a word with it.
 */
import { and, eq, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { leases } from './schema/index.ts';
import { withStorageFailures } from './storage-failure.ts';

export interface Leadership {
  readonly name: string;
  /** Who asks: a word that no other process has. */
  readonly holder: string;
}

/**
 * Takes the lead, or renews it, for `forMs` from now on. False where another process holds it. A holder that could not renew in time
 * must stop acting before `forMs` have passed since its last success began.
 */
export async function takeLead(db: Database, { name, holder }: Leadership, forMs: number): Promise<boolean> {
  const expiresAt = sql`now() + ${forMs}::double precision * interval '1 millisecond'`;
  return withStorageFailures(async () => {
    const taken = await db
      .insert(leases)
      .values({ name, holder, expiresAt })
      .onConflictDoUpdate({
        target: leases.name,
        set: {
          holder,
          expiresAt,
          fencingToken: sql`${leases.fencingToken} + case when ${leases.holder} = ${holder} then 0 else 1 end`,
        },
        setWhere: sql`${leases.holder} = ${holder} or ${leases.expiresAt} < now()`,
      })
      .returning({ name: leases.name });
    return taken.length > 0;
  });
}

/** Gives the lead back, so that the next one need not wait for it to expire. */
export async function giveUpLead(db: Database, { name, holder }: Leadership): Promise<void> {
  await withStorageFailures(() =>
    db
      .update(leases)
      .set({ holder: null, expiresAt: sql`now() - interval '1 second'` })
      .where(and(eq(leases.name, name), eq(leases.holder, holder))),
  );
}
