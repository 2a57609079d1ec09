/** The results of an earlier study that a study starts with (`from`). */
import { historyWithin, type History } from '@kinetune/search';
import { findStudyByName, samplerHistory, type Database, type Study } from '@kinetune/storage';
import { invariant, type Space } from '@kinetune/study';
import { requireComparable } from '../studies/earlier-study.ts';

/**
 * What the earlier study observed within the space, and what was infeasible there; undefined where the study names none.
 * @throws InputError where the other's results mean something else: other data, people, model, objective.
 */
export async function earlierResults(db: Database, study: Study, space: Space): Promise<History | undefined> {
  if (study.from === null) return undefined;
  const earlier = await findStudyByName(db, study.from);
  invariant(earlier !== undefined, 'a study is opened only if the one that it starts from is there');
  requireComparable(earlier, study);
  const { observed, infeasible } = (await samplerHistory(db, earlier.id)).history;
  return historyWithin(space, { observed, infeasible, pending: [] });
}
