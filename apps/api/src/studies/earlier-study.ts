/** The earlier study that a study starts from (`from`): whether its results say anything of it. */
import { findStudyByName, type Database, type NewStudy, type Study, type Trainer } from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import { studyChanges } from './study-changes.ts';

/**
 * Before the study is created. Gives what has to be believed, for people.
 * @throws InputError where the other's results mean something else.
 */
export async function checkEarlierStudy(db: Database, study: NewStudy): Promise<readonly string[]> {
  const earlier = study.from === null ? undefined : await findStudyByName(db, study.from);
  if (earlier === undefined) return [];
  requireComparable(earlier, study);
  const { trainer } = earlier;
  if (JSON.stringify(trainer) === JSON.stringify(study.trainer)) return [];
  const whose = `${study.name} starts from ${earlier.name}, which was trained by ${shownTrainer(trainer)}`;
  return [`${whose}, and is itself by ${shownTrainer(study.trainer)}: that both measure the same is taken on trust.`];
}

/** @throws InputError where the two differ in data, people, model, objective, or in whether our own trainer trains them. */
export function requireComparable(earlier: Study, study: NewStudy): void {
  const differences = incomparable(earlier, study);
  if (differences.length === 0) return;
  throw new InputError(
    'studies-not-comparable',
    `from: the results of ${earlier.name} say nothing of ${study.name}, since they differ in ${differences.join('; ')}`,
  );
}

/** What makes values of two studies different things, each as `field: before -> after`. */
function incomparable(earlier: Study, study: NewStudy): readonly string[] {
  const { model, objective, shuffleLabelsSeed, trainer } = study;
  // Of a study from elsewhere only the objective is known; that its data are the same is the person's word.
  if (earlier.trainer.kind === 'imported') return studyChanges(earlier, { ...earlier, objective });
  const isOurs = [earlier.trainer, trainer].map(({ kind }) => kind === 'built-in');
  const apart = [
    ...(isOurs[0] === isOurs[1] ? [] : [`trainer: ${earlier.trainer.kind} -> ${trainer.kind}`]),
    ...studyChanges(earlier, { ...earlier, model, objective, shuffleLabelsSeed }),
  ];
  // Equal hashes are equal people and windows, wherever the files lie.
  if (earlier.splitHash === study.splitHash) return apart;
  const { data, folds } = study;
  const ofData = studyChanges(earlier, { ...earlier, data, folds }).filter(
    (change) => !change.startsWith('data.path:'),
  );
  return [...apart, ...(ofData.length === 0 ? ['the recordings themselves'] : ofData)];
}

function shownTrainer(trainer: Trainer): string {
  switch (trainer.kind) {
    case 'built-in':
      return 'the built-in trainer';
    case 'command':
      return `\`${trainer.command.join(' ')}\``;
    case 'ask':
      return 'whoever asks for configurations';
    case 'imported':
      return trainer.source;
  }
}
