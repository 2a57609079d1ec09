/** The results of an earlier study that a study starts with (`from`). */
import { historyWithin, type History } from '@kinetune/search';
import { findStudyByName, samplerHistory, type Database, type Study } from '@kinetune/storage';
import { InputError, invariant, type Space } from '@kinetune/study';
import { studyChanges } from '../studies/study-changes.ts';

/**
 * What the earlier study observed within the space, and what was infeasible there; undefined where the study names none.
 * @throws InputError where the other's results mean something else: other data, people, model, objective.
 */
export async function earlierResults(db: Database, study: Study, space: Space): Promise<History | undefined> {
  if (study.from === null) return undefined;
  const earlier = await findStudyByName(db, study.from);
  invariant(earlier !== undefined, 'a study is opened only if the one that it starts from is there');
  const differences = incomparable(earlier, study);
  if (differences.length > 0) {
    throw new InputError(
      'studies-not-comparable',
      `from: the results of ${earlier.name} say nothing of ${study.name}, since they differ in ${differences.join('; ')}`,
    );
  }
  const { observed, infeasible } = (await samplerHistory(db, earlier.id)).history;
  return historyWithin(space, { observed, infeasible, pending: [] });
}

/** What makes values of two studies different things, each as `field: before -> after`. */
function incomparable(earlier: Study, study: Study): readonly string[] {
  const { model, objective, shuffleLabelsSeed } = study;
  const apart = studyChanges(earlier, { ...earlier, model, objective, shuffleLabelsSeed });
  // Equal hashes are equal people and windows, wherever the files lie.
  if (earlier.splitHash === study.splitHash) return apart;
  const { data, folds } = study;
  const ofData = studyChanges(earlier, { ...earlier, data, folds }).filter(
    (change) => !change.startsWith('data.path:'),
  );
  return [...apart, ...(ofData.length === 0 ? ['the recordings themselves'] : ofData)];
}
