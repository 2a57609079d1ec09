/** Giving a study more to do. */
import { updateStudyBudget, type Database, type Study } from '@kinetune/storage';
import { InputError } from '@kinetune/study';

/** As in a study file. */
const MOST_TRIALS = 1_000_000;

/**
 * Sets how many configurations a study may propose in all; a completed one with budget left runs again.
 * @throws InputError for a cancelled study, and for a budget that no study has.
 */
export async function extendBudget(db: Database, study: Study, trials: number): Promise<Study> {
  if (study.state === 'CANCELLED')
    throw new InputError('study-cancelled', `expected a study that can go on, and ${study.name} was cancelled`);
  if (trials > MOST_TRIALS)
    throw new InputError('bad-budget', `expected a budget of at most ${MOST_TRIALS} trials, got ${trials}`);
  return updateStudyBudget(db, study.id, { trials });
}
