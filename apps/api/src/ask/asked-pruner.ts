/**
 * The pruner of a study that is asked. Its trials may be told to several API processes, so what it knows comes from the event log:
 * every measurement is taken up in the order in which it was stored, whoever was told of it.
 */
import type { PruningDecision } from '@kinetune/search';
import {
  liveEventsAfter,
  studySequences,
  type Database,
  type LiveEvent,
  type Study,
  type Trial,
} from '@kinetune/storage';
import { isFinished } from '@kinetune/study';
import { createLivePruner, type LivePruner } from '../agent/live-pruner.ts';
import { isPrunable, needlessTraining } from '../agent/needless-training.ts';
import { searchPlan } from '../agent/search-plan.ts';

export interface AskedPruner {
  /** The first decision to prune a running trial, by what is stored of it; undefined where it goes on. */
  judge(trial: Trial): Promise<PruningDecision | undefined>;
  /** Why a trial that was just claimed need not be trained. */
  needless(trial: Trial): ReturnType<typeof needlessTraining>;
}

const PAGE = 1000;

/** Undefined for a study whose present phase prunes nothing. */
export async function createAskedPruner(db: Database, study: Study): Promise<AskedPruner | undefined> {
  const { pruner: settings, firstConfiguration: prunedFrom } = searchPlan(study);
  // Read before the curves: what is stored in between is taken up twice, which changes nothing.
  let cursor = (await studySequences(db, [study.id])).get(study.id) ?? 0;
  const pruner = await createLivePruner(db, study, settings);
  if (pruner === undefined) return undefined;
  const decisions = new Map<string, PruningDecision>();

  const takeUp = async (): Promise<void> => {
    for (;;) {
      const events = await liveEventsAfter(db, study.id, { sequence: cursor, limit: PAGE });
      for (const event of events) {
        cursor = event.sequence;
        takeUpEvent(event, { study, pruner, decisions });
      }
      if (events.length < PAGE) return;
    }
  };
  let last: Promise<unknown> = Promise.resolve();
  const takenUp = (): Promise<void> => {
    const now = last.then(takeUp);
    last = now.catch(() => {});
    return now;
  };
  return {
    async judge(trial) {
      await takenUp();
      return isPrunable({ study, prunedFrom }, trial) ? (decisions.get(trial.id) ?? pruner.judge(trial)) : undefined;
    },
    async needless(trial) {
      await takenUp();
      return needlessTraining({ db, study, pruner, prunedFrom }, trial);
    },
  };
}

interface Known {
  readonly study: Study;
  readonly pruner: LivePruner;
  /** By trial, for as long as it runs. */
  readonly decisions: Map<string, PruningDecision>;
}

function takeUpEvent({ type, trial, step, measurement, detail }: LiveEvent, { study, pruner, decisions }: Known): void {
  if (trial === null) return;
  if (type === 'measurement' && measurement !== null && step !== null) {
    const values = Object.fromEntries(
      study.metrics.map(({ name }, index) => [name, measurement.values[index] ?? null]),
    );
    const decision = pruner.add(trial, [{ step, epoch: measurement.epoch, values }]);
    if (decision !== undefined && !decisions.has(trial.id)) decisions.set(trial.id, decision);
  }
  if (type === 'trial-changed' && detail['state'] !== 'RUNNING') {
    decisions.delete(trial.id);
    if (isFinished(trial.state)) pruner.end(trial.id, trial.state);
  }
}
