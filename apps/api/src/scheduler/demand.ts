/** What a study wants of the slots, and how many of its configurations are to be proposed now. */
import type { StudyLoad } from '@kinetune/storage';
import { isAdaptive, searchPlan, trialsPerConfiguration } from '../agent/search-plan.ts';

export interface Demand {
  /** Trials that it could have running: its parallelism, or what is left of its budget where that is less. */
  readonly wanted: number;
  /** Configurations that its budget still has. */
  readonly open: number;
}

export function demandOf({ study, queued, running, nextNumber }: StudyLoad, slots: number): Demand {
  const open = Math.max(0, searchPlan(study).endConfiguration - nextNumber);
  const left = queued + running + open * trialsPerConfiguration(study);
  return { wanted: Math.min(study.parallelism ?? slots, left), open };
}

/**
 * How many configurations to propose for a study whose share is so many slots. What a sequence suggests does not depend on results,
 * so that as many again may wait; an adaptive sampler is asked when a slot is there to take what it suggests.
 */
export function configurationsToPropose(
  { study, queued, running }: StudyLoad,
  { share, open }: { readonly share: number; readonly open: number },
): number {
  const ahead = isAdaptive(searchPlan(study)) ? 0 : share;
  const lacking = share + ahead - running - queued;
  return Math.max(0, Math.min(open, Math.ceil(lacking / trialsPerConfiguration(study))));
}
