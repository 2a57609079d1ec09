/** What comes when a phase of a study has nothing left to train: its second phase, or its end. */
import { completeStudy, type Database, type Study } from '@kinetune/storage';
import { diagnoseLeft } from '../agent/diagnose-trial.ts';
import { beginSecondPhase } from '../agent/second-phase.ts';

export async function endPhase(
  db: Database,
  study: Study,
  stop: AbortSignal,
): Promise<'second-phase' | 'completed' | 'goes-on'> {
  await diagnoseLeft(db, study, stop);
  if (stop.aborted) return 'goes-on';
  const second = await beginSecondPhase(db, study);
  if (second.type === 'begun') return 'second-phase';
  return (await completeStudy(db, study)) ? 'completed' : 'goes-on';
}
