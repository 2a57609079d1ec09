/**
 * Which checkpoints go: by a rule that is always kept, and by a quota when there are too many. Never one of a trial that runs, waits
 * or may be tried again, of an adopted configuration, or the weights of a study's best trials.
 */
import { ENDED_STATES, type CheckpointOwner } from '@kinetune/storage';

/** best: weights worth keeping; last: the whole state of training, to go on from. */
export const CHECKPOINT_SORTS = ['best', 'last'] as const;
export type CheckpointSort = (typeof CHECKPOINT_SORTS)[number];

/** By the name of its folder, `step-000123` or `state-000123`; undefined for anything else. */
export function checkpointSort(folder: string): CheckpointSort | undefined {
  if (/^step-\d{6,}$/.test(folder)) return 'best';
  return /^state-\d{6,}$/.test(folder) ? 'last' : undefined;
}

export interface StoredCheckpoint {
  readonly trialId: string;
  readonly sort: CheckpointSort;
  /** Relative to the store. */
  readonly path: string;
  readonly bytes: number;
}

export interface RetentionRules {
  /** Sorts that trials keep when they have ended. */
  readonly keep: readonly CheckpointSort[];
  /** Bytes of all checkpoints; undefined: as many as there are. */
  readonly quotaBytes: number | undefined;
}

export interface Removal extends StoredCheckpoint {
  readonly reason: 'rule' | 'quota';
}

export interface Retention {
  /** In the order in which they go. */
  readonly removals: readonly Removal[];
  readonly totalBytes: number;
  readonly keptBytes: number;
  /** What is beyond the quota even then, all of it protected. */
  readonly excessBytes: number;
}

export function chooseCheckpoints(
  checkpoints: readonly StoredCheckpoint[],
  owners: ReadonlyMap<string, CheckpointOwner>,
  { keep, quotaBytes = Infinity }: RetentionRules,
): Retention {
  const totalBytes = sum(checkpoints);
  const loose = checkpoints.flatMap((checkpoint) => {
    const owner = owners.get(checkpoint.trialId);
    // Of a trial that the database does not know: somebody else's, or one that is being deleted.
    return owner === undefined || isProtected(checkpoint, owner) ? [] : [{ checkpoint, owner }];
  });
  const removals: Removal[] = loose
    .filter(({ checkpoint }) => !keep.includes(checkpoint.sort))
    .map(({ checkpoint }) => ({ ...checkpoint, reason: 'rule' }));
  let keptBytes = totalBytes - sum(removals);
  // States first, since weights can be used and a trial that has ended is not continued; the oldest of each.
  const order = loose
    .filter(({ checkpoint }) => keep.includes(checkpoint.sort))
    .sort(
      (a, b) =>
        CHECKPOINT_SORTS.indexOf(b.checkpoint.sort) - CHECKPOINT_SORTS.indexOf(a.checkpoint.sort) ||
        (a.owner.finishedAt?.getTime() ?? 0) - (b.owner.finishedAt?.getTime() ?? 0),
    );
  for (const { checkpoint } of order) {
    if (keptBytes <= quotaBytes) break;
    removals.push({ ...checkpoint, reason: 'quota' });
    keptBytes -= checkpoint.bytes;
  }
  return { removals, totalBytes, keptBytes, excessBytes: Math.max(0, keptBytes - quotaBytes) };
}

function isProtected({ sort }: StoredCheckpoint, { state, isAdopted, isBest }: CheckpointOwner): boolean {
  return !ENDED_STATES.includes(state) || isAdopted || (isBest && sort === 'best');
}

function sum(checkpoints: readonly StoredCheckpoint[]): number {
  return checkpoints.reduce((total, { bytes }) => total + bytes, 0);
}
