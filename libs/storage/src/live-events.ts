/** Following the event logs of studies: which have grown, and what their events say. */
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
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

/** The events after a cursor with what they tell of, in order, at most `limit`; two queries however many they are. */
export async function liveEventsAfter(
  db: Database,
  studyId: string,
  { sequence, limit = 1000 }: { readonly sequence: number; readonly limit?: number },
): Promise<readonly LiveEvent[]> {
  return (await liveEvents(db, { after: new Map([[studyId, sequence]]), limit })).get(studyId) ?? [];
}

/**
 * The events of many studies, of each after a cursor of its own, at most `limit` of each; two queries however many studies and events
 * they are. A study without new events is missing.
 */
export async function liveEvents(
  db: Database,
  { after, limit }: { readonly after: ReadonlyMap<string, number>; readonly limit: number },
): Promise<ReadonlyMap<string, readonly LiveEvent[]>> {
  if (after.size === 0) return new Map();
  // The cursors as one text: drizzle would make a parameter of each element of an array.
  const cursors = JSON.stringify([...after].map(([id, sequence]) => ({ id, sequence })));
  const wanted = sql`json_to_recordset(${cursors}::json) as wanted(id uuid, sequence bigint)`;
  const following = db
    .select()
    .from(events)
    .where(and(sql`${events.studyId} = wanted.id`, sql`${events.sequence} > wanted.sequence`))
    .orderBy(asc(events.sequence))
    .limit(limit)
    .as('following');
  const rows = await db
    .select({
      event: following._.selectedFields,
      epoch: measurements.epoch,
      values: measurements.values,
    })
    .from(wanted)
    .crossJoinLateral(following)
    .leftJoin(
      measurements,
      and(
        eq(following.type, 'measurement'),
        eq(measurements.trialId, following.trialId),
        eq(measurements.step, following.step),
      ),
    )
    .orderBy(asc(following.sequence));
  const ids = [...new Set(rows.flatMap(({ event }) => event.trialId ?? []))];
  const found = await findTrials(db, ids);
  const byStudy = new Map<string, LiveEvent[]>();
  for (const { event, epoch, values } of rows) {
    const { studyId, ...rest } = event;
    const own = byStudy.get(studyId) ?? [];
    byStudy.set(studyId, own);
    own.push({
      ...rest,
      measurement: epoch === null || values === null ? null : { epoch, values },
      trial: event.trialId === null ? null : (found.get(event.trialId) ?? null),
    });
  }
  return byStudy;
}
