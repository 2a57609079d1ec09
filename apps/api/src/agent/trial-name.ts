import type { Study, Trial } from '@kinetune/storage';
import { foldsOf } from './search-plan.ts';

/** What people know a trial by: its configuration's number, and where that has several trials the seed's and the fold's. */
export function trialName(
  trial: Pick<Trial, 'number' | 'replicate' | 'fold'>,
  study: Pick<Study, 'folds' | 'data' | 'replicates'>,
): string {
  const folds = foldsOf(study);
  // The trials of a proposal come seed by seed, each on all folds; each that was added later is counted as a seed of its own.
  const proposed = study.replicates * folds.length;
  const { number, replicate, fold } = trial;
  const seed = replicate < proposed ? Math.floor(replicate / folds.length) : study.replicates + replicate - proposed;
  const parts = [
    ...(study.replicates > 1 || seed > 0 ? [`seed ${seed}`] : []),
    ...(folds.length > 1 || fold !== folds[0] ? [`fold ${fold}`] : []),
  ];
  return parts.length === 0 ? String(number) : `${number} (${parts.join(', ')})`;
}
