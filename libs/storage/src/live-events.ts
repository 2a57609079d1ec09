/** Following the event logs of studies: which have grown, and what their events say. */
import { and, asc, eq, gt, inArray } from 'drizzle-orm';
import type { Database } from './database.ts';
import type { StudyEvent } from './events.ts';
import { events, measurements, studies } from './schema/index.ts';
import type { Trial } from './trial.ts';
import { findTrials } from './trials.ts';

/** An event with what it tells of, as it is now: a later change has an event of its own. */
export interface LiveEvent extends StudyEvent {
  /** Of a `measurement` event; null where the step was measured anew since, which a later event tells. */
  readonly measurement: {
    readonly epoch: number;
    /** In the order of the study's metrics; null where a value is not finite. */
    readonly values: readonly (number | null)[];
  } | null;
  /** The trial that it is about. */
  readonly trial: Trial | null;
}

/** The sequence of the last event of each study; one that does not exist is missing. */
export async function studySequences(db: Database, studyIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (studyIds.length === 0) return new Map();
  const rows = await db
    .select({ id: studies.id, sequence: studies.eventSequence })
    .from(studies)
    .where(inArray(studies.id, [...studyIds]));
  return new Map(rows.map(({ id, sequence }) => [id, sequence]));
}

/** The events after a cursor with what they tell of, in order, at most `limit`; three queries however many they are. */
export async function liveEventsAfter(
  db: Database,
  studyId: string,
  { sequence, limit = 1000 }: { readonly sequence: number; readonly limit?: number },
): Promise<readonly LiveEvent[]> {
  const rows = await db
    .select({ event: events, epoch: measurements.epoch, values: measurements.values })
    .from(events)
    .leftJoin(
      measurements,
      and(eq(events.type, 'measurement'), eq(measurements.trialId, events.trialId), eq(measurements.step, events.step)),
    )
    .where(and(eq(events.studyId, studyId), gt(events.sequence, sequence)))
    .orderBy(asc(events.sequence))
    .limit(limit);
  const ids = [...new Set(rows.flatMap(({ event }) => event.trialId ?? []))];
  const found = await findTrials(db, ids);
  return rows.map(({ event: { studyId: _, ...event }, epoch, values }) => ({
    ...event,
    measurement: epoch === null || values === null ? null : { epoch, values },
    trial: event.trialId === null ? null : (found.get(event.trialId) ?? null),
  }));
}
