import { changeStudy } from './change-study.ts';
import type { Database } from './database.ts';
import type { Study } from './study.ts';

/**
 * Runs `work` in a transaction that nobody else changes the study in: for a change that follows from how the study is.
 * @throws InputError when no study has this id.
 */
export function lockStudy<T>(
  db: Database,
  studyId: string,
  work: (db: Database, study: Study) => Promise<T>,
): Promise<T> {
  return changeStudy(db, studyId, ({ db: tx, study }) => work(tx, study));
}
