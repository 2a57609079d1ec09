import type { Study, Trial } from '@kinetune/storage';
import { foldsOf } from './search-plan.ts';

/** What people know a trial by: its configuration's number, and where that has several trials the seed's and the fold's. */
export function trialName(
  trial: Pick<Trial, 'number' | 'replicate' | 'fold'>,
  study: Pick<Study, 'folds' | 'data' | 'replicates'>,
): string {
  const folds = foldsOf(study);
  const { number, replicate, fold } = trial;
  // The trials of a configuration come seed by seed, each on all folds; so do those that are added later.
  const seed = Math.floor(replicate / folds.length);
  const parts = [
    ...(study.replicates > 1 || seed > 0 ? [`seed ${seed}`] : []),
    ...(folds.length > 1 || fold !== folds[0] ? [`fold ${fold}`] : []),
  ];
  return parts.length === 0 ? String(number) : `${number} (${parts.join(', ')})`;
}
