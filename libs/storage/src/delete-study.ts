/** Deleting a study with all that hangs on it. */
import { InputError } from '@kinetune/study';
import { eq } from 'drizzle-orm';
import { changeStudy } from './change-study.ts';
import type { Database } from './database.ts';
import { studies, trials } from './schema/index.ts';
import type { Study } from './study.ts';
import { isUuid } from './uuid.ts';

export interface DeletedStudy {
  readonly study: Study;
  /** Whose checkpoints lie in the store. */
  readonly trialIds: readonly string[];
}

export interface DeleteStudyOptions {
  /** The study's name, typed by the person who asks. */
  readonly confirmedName: string;
  /** Runs after the last statement, before the commit: what it throws keeps the study. */
  readonly beforeCommit: (deleted: DeletedStudy) => Promise<void>;
}

/**
 * Deletes the rows of a study, in one transaction: configurations, trials, measurements, evaluations, events, launches.
 * Studies that started with its results keep theirs, and forget where they came from.
 * @throws InputError while it runs or one of its trials does, and where the name is not its name.
 */
export async function deleteStudy(
  db: Database,
  studyId: string,
  { confirmedName, beforeCommit }: DeleteStudyOptions,
): Promise<DeletedStudy> {
  return changeStudy(db, studyId, async ({ db: tx, study }) => {
    if (confirmedName !== study.name)
      throw new InputError(
        'name-not-confirmed',
        `expected the study's name as confirmation, ${study.name}, got ${JSON.stringify(confirmedName)}`,
      );
    const own = await tx.select({ id: trials.id, state: trials.state }).from(trials).where(eq(trials.studyId, studyId));
    const running = own.filter(({ state }) => state === 'RUNNING').length;
    if (study.state === 'RUNNING' || running > 0)
      throw new InputError(
        'study-running',
        `expected a study that does not run, and ${study.name} ${running > 0 ? `has ${running} trials running` : 'is RUNNING'}: cancel it first, or pause it and wait for its trials`,
      );
    await tx.delete(studies).where(eq(studies.id, studyId));
    const deleted = { study, trialIds: own.map(({ id }) => id) };
    await beforeCommit(deleted);
    return deleted;
  });
}

/** Whether a study is there; waits for a deletion that is under way in another process. */
export async function isStudyStored(db: Database, studyId: string): Promise<boolean> {
  if (!isUuid(studyId)) return false;
  const rows = await db.transaction((tx) =>
    tx.select({ id: studies.id }).from(studies).where(eq(studies.id, studyId)).for('update'),
  );
  return rows.length > 0;
}
