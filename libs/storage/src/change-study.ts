/**
 * The only way a study changes: one transaction that first locks the study's row, does its work, and appends the events that
 * tell of it. The lock makes the order of sequences the order of commits and leaves no gaps, and since every transaction
 * takes it first, two can never wait for each other.
 */
import type { EventType } from '@kinetune/study';
import { eq, sql } from 'drizzle-orm';
import { hintChange } from './change-hints.ts';
import type { Database } from './database.ts';
import { events, studies } from './schema/index.ts';
import { withStorageFailures } from './storage-failure.ts';
import { studyFromRow, unknownStudy, type Study } from './study.ts';
import { isUuid } from './uuid.ts';

export interface NewEvent {
  readonly type: EventType;
  readonly trialId?: string;
  readonly step?: number;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface StudyChange {
  /** The transaction. */
  readonly db: Database;
  /** The study as it was when the lock was taken. */
  readonly study: Study;
  /** Tells of a change; written with the transaction, in order. */
  readonly append: (event: NewEvent) => void;
}

/**
 * @throws InputError when no study has this id; EnvironmentError when the machine cannot write. Nothing is half done.
 */
export async function changeStudy<T>(
  db: Database,
  studyId: string,
  work: (change: StudyChange) => Promise<T>,
): Promise<T> {
  if (!isUuid(studyId)) throw unknownStudy(studyId);
  let isTold = false;
  const result = await withStorageFailures(() =>
    db.transaction(async (tx) => {
      const [row] = await tx.select().from(studies).where(eq(studies.id, studyId)).for('update');
      if (row === undefined) throw unknownStudy(studyId);
      const appended: NewEvent[] = [];
      const outcome = await work({ db: tx, study: studyFromRow(row), append: (event) => void appended.push(event) });
      if (appended.length > 0) await appendEvents(tx, studyId, { from: row.eventSequence, events: appended });
      isTold = appended.length > 0;
      return outcome;
    }),
  );
  if (isTold) hintChange(db);
  return result;
}

async function appendEvents(
  db: Database,
  studyId: string,
  { from, events: appended }: { readonly from: number; readonly events: readonly NewEvent[] },
): Promise<void> {
  await db
    .update(studies)
    .set({ eventSequence: from + appended.length, updatedAt: sql`now()` })
    .where(eq(studies.id, studyId));
  await db.insert(events).values(
    appended.map(({ type, trialId, step, detail }, index) => ({
      studyId,
      sequence: from + index + 1,
      type,
      trialId: trialId ?? null,
      step: step ?? null,
      detail: detail ?? {},
    })),
  );
}
