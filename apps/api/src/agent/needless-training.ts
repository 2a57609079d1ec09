/** Whether a claimed trial is worth its training: pruners decide about trials that a process left behind, too. */
import { listTrials, type Database, type Trial } from '@kinetune/storage';
import type { AttemptContext } from './attempt-context.ts';
import { trialsPerConfiguration } from './search-plan.ts';
import type { AttemptEnd } from './settle-attempt.ts';
import { trialName } from './trial-name.ts';

/** The trials of a trial's configuration, itself among them. */
export async function siblingsOf(db: Database, { studyId, configurationId }: Trial): Promise<readonly Trial[]> {
  return listTrials(db, studyId, { configurationId });
}

/** What of a run decides whether a trial is pruned. */
export type Pruning = Pick<AttemptContext, 'db' | 'study' | 'pruner' | 'prunedFrom'>;

/** Replicates that were asked for afterwards are trained to their end: they are there to be compared. */
export function isPrunable(
  { study, prunedFrom }: Pick<Pruning, 'study' | 'prunedFrom'>,
  { number, replicate }: Trial,
): boolean {
  return number >= prunedFrom && replicate < trialsPerConfiguration(study);
}

/** How a claimed trial ends that need not be trained any further; undefined where it is trained. */
export async function needlessTraining(context: Pruning, trial: Trial): Promise<AttemptEnd | undefined> {
  const { db, study, pruner } = context;
  if (pruner === undefined || !isPrunable(context, trial)) return undefined;
  const again = trial.lastStep === null ? undefined : pruner.judge(trial);
  if (again !== undefined) return { state: 'PRUNED', reasonCode: 'pruned', reason: again.reason };
  if (trialsPerConfiguration(study) === 1) return undefined;
  const pruned = (await siblingsOf(db, trial)).find(({ state }) => state === 'PRUNED');
  if (pruned === undefined) return undefined;
  const reason = `trial ${trialName(pruned, study)} of its configuration was pruned: ${pruned.reason ?? 'no reason given'}`;
  return { state: 'CANCELLED', reasonCode: 'configuration-pruned', reason };
}
