/** How a trial ends. */
import { isFinished, type TrialState } from '@kinetune/study';
import { eq, sql } from 'drizzle-orm';
import { changeStudy, type StudyChange } from './change-study.ts';
import {
  changeTrial,
  lockedTrial,
  runningMsUntil,
  studyOf,
  type TrialWriter,
  type TrialWriteRefused,
} from './change-trial.ts';
import type { Database } from './database.ts';
import { configurations, trials } from './schema/index.ts';
import type { Trial } from './trial.ts';

export interface TrialEnd {
  readonly state: Exclude<TrialState, 'QUEUED' | 'RUNNING'>;
  /** A word for programs: `diverged`, `out-of-memory`. */
  readonly reasonCode?: string;
  /** A sentence for people; whatever is not COMPLETED should have one. */
  readonly reason?: string;
  /** The trainer's own best, when it knows better than the measurements (averaged weights, several evaluations a step). */
  readonly bestStep?: number;
  readonly bestValue?: number;
}

/** Ends a trial, once: a second call is refused with `ended` and changes nothing. */
export async function finishTrial(
  db: Database,
  writer: TrialWriter,
  end: TrialEnd,
): Promise<{ readonly outcome: 'written' } | TrialWriteRefused> {
  return changeTrial(db, writer, async (change) => {
    await endTrial(change, change.trial, end);
    return { outcome: 'written' };
  });
}

/** Ends a queued or running trial from outside; its trainer's writes are refused from now on. */
export async function cancelTrial(
  db: Database,
  trialId: string,
  reason: string,
): Promise<{ readonly outcome: 'written' } | TrialWriteRefused> {
  return changeStudy(db, await studyOf(db, trialId), async (change) => {
    const trial = await lockedTrial(change.db, trialId);
    if (isFinished(trial.state)) {
      return { outcome: 'ended', state: trial.state, message: `trial ${trial.number} is ${trial.state} already` };
    }
    await endTrial(change, trial, { state: 'CANCELLED', reasonCode: 'cancelled', reason });
    await change.db
      .update(trials)
      .set({ fencingToken: sql`${trials.fencingToken} + 1` })
      .where(eq(trials.id, trialId));
    return { outcome: 'written' };
  });
}

export async function endTrial({ db, append }: StudyChange, trial: Trial, end: TrialEnd): Promise<void> {
  const { state, reasonCode, reason, bestStep, bestValue } = end;
  await db
    .update(trials)
    .set({
      state,
      reasonCode: reasonCode ?? null,
      reason: reason ?? null,
      earlierRunningMs: trial.state === 'RUNNING' ? runningMsUntil('now') : trial.earlierRunningMs,
      finishedAt: sql`now()`,
      leaseEndsAt: null,
      ...(bestStep === undefined ? {} : { bestStep }),
      ...(bestValue === undefined || !Number.isFinite(bestValue) ? {} : { bestValue }),
    })
    .where(eq(trials.id, trial.id));
  await db
    .update(configurations)
    .set({
      objective: objectiveAfter(trial.configurationId),
    })
    .where(eq(configurations.id, trial.configurationId));
  append({ type: 'trial-changed', trialId: trial.id, detail: { state, reasonCode, reason } });
}

/**
 * The mean over folds of the mean over their completed trials; null where one is infeasible, pruned or without a value, or where a
 * fold has none. While something is queued or running it stays as it was: the mean before the first further replicate, or null.
 */
function objectiveAfter(configurationId: string) {
  return sql`(
    select case
      when bool_or(is_spoilt) then null
      when bool_or(is_unfinished) then ${configurations.objective}
      when bool_and(mean is not null) then avg(mean)
    end
    from (
      select
        avg(best_value) filter (where state = 'COMPLETED') as mean,
        bool_or(state in ('INFEASIBLE', 'PRUNED') or (state = 'COMPLETED' and best_value is null)) as is_spoilt,
        bool_or(state in ('QUEUED', 'RUNNING')) as is_unfinished
      from ${trials} where configuration_id = ${configurationId} group by fold
    ) as of_fold
  )`;
}
