/** What comes when a phase of a study has nothing left to train: its second phase, or its end. */
import { completeStudy, pauseForMending, type Database, type Study } from '@kinetune/storage';
import { diagnoseLeft } from '../agent/diagnose-trial.ts';
import { beginSecondPhase } from '../agent/second-phase.ts';

/** paused: the machine failed trials, and without their results no phase is over. */
export async function endPhase(
  db: Database,
  study: Study,
  stop: AbortSignal,
): Promise<'second-phase' | 'completed' | 'paused' | 'goes-on'> {
  await diagnoseLeft(db, study, { stop });
  if (stop.aborted) return 'goes-on';
  if ((await pauseForMending(db, study)) > 0) return 'paused';
  const second = await beginSecondPhase(db, study);
  if (second.type === 'begun') return 'second-phase';
  return (await completeStudy(db, study)) ? 'completed' : 'goes-on';
}
