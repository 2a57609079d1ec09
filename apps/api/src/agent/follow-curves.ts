/**
 * Keeps a live pruner's curves up to date with what other agents measure: it compares with their trials as with its own. Nothing is
 * read while no other agent writes but the sequence of the study's events.
 */
import { liveEventsAfter, studySequences, type Database, type Study } from '@kinetune/storage';
import { isFinished } from '@kinetune/study';
import type { LivePruner } from './live-pruner.ts';

export interface CurveFollower {
  /** Takes up what has happened since; `isOwn` trials are known already, measurement by measurement. */
  catchUp(isOwn: (trialId: string) => boolean): Promise<void>;
}

/** @param from the sequence that the pruner's curves were read at, or an earlier one. */
export function followCurves(
  db: Database,
  study: Study,
  { pruner, from }: { readonly pruner: LivePruner; readonly from: number },
): CurveFollower {
  let cursor = from;
  let catching: Promise<void> | undefined;
  const read = async (isOwn: (trialId: string) => boolean): Promise<void> => {
    const last = (await studySequences(db, [study.id])).get(study.id) ?? cursor;
    while (cursor < last) {
      const events = await liveEventsAfter(db, study.id, { sequence: cursor });
      if (events.length === 0) return;
      for (const { sequence, step, trial, measurement } of events) {
        cursor = sequence;
        if (trial === null || isOwn(trial.id)) continue;
        if (measurement !== null && step !== null) {
          const values = Object.fromEntries(
            study.metrics.map(({ name }, index) => [name, measurement.values[index] ?? null]),
          );
          pruner.note(trial, [{ step, epoch: measurement.epoch, values }]);
        }
        if (isFinished(trial.state)) pruner.end(trial.id, trial.state);
      }
    }
  };
  return {
    catchUp(isOwn) {
      catching ??= read(isOwn).finally(() => (catching = undefined));
      return catching;
    },
  };
}
