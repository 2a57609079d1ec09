import { and, eq, gt, isNotNull, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { events } from './schema/index.ts';

/** A query for the ids of trials of which an event after a sequence says more than that they measured. */
export function changedTrials(db: Database, studyId: string, sequence: number) {
  return db
    .select({ id: events.trialId })
    .from(events)
    .where(
      and(
        eq(events.studyId, studyId),
        gt(events.sequence, sequence),
        // Word for word as in `events_change_index`, which is used for nothing else.
        sql`${events.type} not in ('measurement', 'checkpoint')`,
        isNotNull(events.trialId),
      ),
    );
}
