/** What a person does to a study as a whole: let it wait, go on, be put away. */
import { InputError, invariant, type StudyState } from '@kinetune/study';
import { eq, sql } from 'drizzle-orm';
import { changeStudy } from './change-study.ts';
import type { Database } from './database.ts';
import { requireTrainable } from './require-trainable.ts';
import { retryFailedTrials } from './retry-failed.ts';
import { studies } from './schema/index.ts';
import { findStudy } from './studies.ts';
import { studyFromRow, type Study } from './study.ts';

/**
 * Starts no further trial until it is resumed.
 * @throws InputError for a study that has come to its end.
 */
export async function pauseStudy(db: Database, studyId: string): Promise<Study> {
  return moveStudy(db, studyId, { from: ['RUNNING', 'PAUSED'], to: 'PAUSED', isTrained: false });
}

/**
 * Starts trials again, those that the machine failed too. A completed study runs again, for as long as its budget has anything left.
 * @throws InputError for a cancelled study, an archived one, and one that was imported.
 */
export async function resumeStudy(db: Database, studyId: string): Promise<Study> {
  return changeStudy(db, studyId, async ({ db: tx }) => {
    await moveStudy(tx, studyId, { from: ['RUNNING', 'PAUSED', 'COMPLETED'], to: 'RUNNING', isTrained: true });
    await retryFailedTrials(tx, studyId);
    const study = await findStudy(tx, studyId);
    invariant(study !== undefined, 'the locked study exists');
    return study;
  });
}

interface Move {
  readonly from: readonly StudyState[];
  readonly to: Exclude<StudyState, 'CANCELLED'>;
  /** Trials may be started afterwards. */
  readonly isTrained: boolean;
}

async function moveStudy(db: Database, studyId: string, { from, to, isTrained }: Move): Promise<Study> {
  return changeStudy(db, studyId, async ({ db: tx, study, append }) => {
    if (isTrained) requireTrainable(study);
    if (isTrained && study.archivedAt !== null)
      throw new InputError(
        'study-archived',
        `expected a study in use, and ${study.name} is archived: unarchive it first`,
      );
    if (!from.includes(study.state))
      throw new InputError(
        study.state === 'CANCELLED' ? 'study-cancelled' : 'study-ended',
        `expected ${study.name} to be ${from.join(' or ')}, and it is ${study.state}`,
      );
    if (study.state === to) return study;
    const [row] = await tx.update(studies).set({ state: to }).where(eq(studies.id, studyId)).returning();
    invariant(row !== undefined, 'the locked study exists');
    append({ type: 'study-changed', detail: { state: to } });
    return { ...studyFromRow(row), eventSequence: study.eventSequence + 1 };
  });
}

/**
 * Puts a study away from the lists, or back; nothing of it is lost.
 * @throws InputError for archiving one that is RUNNING.
 */
export async function setArchived(db: Database, studyId: string, isArchived: boolean): Promise<Study> {
  return changeStudy(db, studyId, async ({ db: tx, study, append }) => {
    if ((study.archivedAt !== null) === isArchived) return study;
    if (isArchived && study.state === 'RUNNING')
      throw new InputError(
        'study-running',
        `expected a study that does not run, and ${study.name} does: pause or cancel it, or let it come to its end`,
      );
    const archivedAt = isArchived ? sql`now()` : null;
    const [row] = await tx.update(studies).set({ archivedAt }).where(eq(studies.id, studyId)).returning();
    invariant(row !== undefined, 'the locked study exists');
    append({ type: 'study-changed', detail: { isArchived } });
    return { ...studyFromRow(row), eventSequence: study.eventSequence + 1 };
  });
}
