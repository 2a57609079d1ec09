/** Which study a free slot takes its next trial from. */
import type { StudyLoad } from '@kinetune/storage';
import { demandOf } from './demand.ts';
import { fairShares, inOrderOfNeed } from './fair-shares.ts';

export interface ClaimOrderOptions {
  /** Slots of all living agents. */
  readonly slots: number;
  /**
   * Leave what is beyond a study's share to another one that is owed a slot and whose proposal is under way: a long trial would keep
   * it from it for long.
   */
  readonly isPatient: boolean;
}

/** The studies that have a trial to claim, the one most in need first. */
export function claimOrder(loads: readonly StudyLoad[], { slots, isPatient }: ClaimOrderOptions): readonly StudyLoad[] {
  const claimable = loads.filter(
    ({ study, queued, running }) => queued > 0 && running < (study.parallelism ?? Infinity),
  );
  const inNeed = inOrderOfNeed(
    claimable.map((load) => ({ ...load, priority: load.study.priority, has: load.running })),
  );
  if (!isPatient) return inNeed;
  const shares = fairShares(
    loads.map((load) => ({
      studyId: load.study.id,
      priority: load.study.priority,
      wanted: demandOf(load, slots).wanted,
    })),
    slots,
  );
  const isBelowShare = ({ study, running }: StudyLoad): boolean => running < (shares.get(study.id) ?? 0);
  const isOneOwed = loads.some((load) => load.queued === 0 && isBelowShare(load));
  return isOneOwed ? inNeed.filter(isBelowShare) : inNeed;
}
