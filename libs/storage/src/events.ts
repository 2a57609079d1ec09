/** The event log of a study. */
import type { EventType } from '@kinetune/study';
import { and, asc, eq, gt } from 'drizzle-orm';
import type { Database } from './database.ts';
import { events } from './schema/index.ts';

export interface StudyEvent {
  /** Counts from 1 in each study, in the order of commits, without gaps. */
  readonly sequence: number;
  readonly type: EventType;
  readonly trialId: string | null;
  readonly step: number | null;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly recordedAt: Date;
}

/** The events after a cursor (0: from the beginning), in order, at most `limit` of them. */
export async function eventsAfter(
  db: Database,
  studyId: string,
  { sequence, limit = 1000 }: { readonly sequence: number; readonly limit?: number },
): Promise<readonly StudyEvent[]> {
  const rows = await db
    .select()
    .from(events)
    .where(and(eq(events.studyId, studyId), gt(events.sequence, sequence)))
    .orderBy(asc(events.sequence))
    .limit(limit);
  return rows.map(({ studyId: _, ...event }) => event);
}
