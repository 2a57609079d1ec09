/** How an attempt is settled in the database: the trial has ended, or goes back into the queue. */
import { invariant } from '@kinetune/study';
import {
  findTrial,
  finishTrial,
  releaseTrial,
  requeueOutOfMemory,
  requeueTrial,
  type Trial,
  type TrialEnd,
  type TrialWriter,
} from '@kinetune/storage';
import { completedValues, meanOf } from '../report/analysed-configurations.ts';
import type { AttemptContext } from './attempt-context.ts';
import { diagnoseTrials } from './diagnose-trial.ts';
import { siblingsOf } from './needless-training.ts';
import { OUT_OF_MEMORY } from './out-of-memory.ts';
import { trialsPerConfiguration } from './search-plan.ts';
import { trialName } from './trial-name.ts';
import type { TrialOutcome } from './trial-run.ts';

/** Machine failures without progress in between after which a trial is FAILED. */
export const MAX_FAILURES = 3;

/** An end that is written down as a result, or as none. */
export type AttemptEnd = TrialEnd & { readonly state: 'COMPLETED' | 'PRUNED' | 'INFEASIBLE' | 'CANCELLED' };

export interface Settlement {
  readonly writer: TrialWriter;
  readonly outcome: Exclude<TrialOutcome, { type: 'not-begun' }>;
  /** The pruner's sentence. */
  readonly pruned: string | undefined;
  readonly epochOf: (step: number | null) => number | undefined;
  readonly durationMs: number;
}

/** Writes an outcome down and tells of it. */
export async function settleAttempt(
  context: AttemptContext,
  trial: Trial,
  { writer, outcome, pruned, epochOf, durationMs }: Settlement,
): Promise<void> {
  const { db, study, onEvent } = context;
  const { attempts } = trial;
  const name = trialName(trial, study);
  switch (outcome.type) {
    case 'completed':
    case 'pruned':
    case 'infeasible': {
      if (outcome.type === 'infeasible' && outcome.code === OUT_OF_MEMORY) {
        // The first time may be a neighbour's doing; a new process gets a second chance.
        const { outcome: result } = await requeueOutOfMemory(db, writer, outcome.reason);
        if (result === 'requeued')
          onEvent({
            type: 'trial-requeued',
            trial: name,
            attempt: attempts,
            reason: `out of memory: ${outcome.reason}`,
          });
        if (result !== 'again') return;
      }
      return endAttempt(context, trial, { writer, end: endOf(outcome, pruned), epochOf, durationMs });
    }
    case 'stopped':
      await releaseTrial(db, writer, `stopped with ${study.name}`);
      onEvent({ type: 'trial-stopped', trial: name });
      return;
    case 'failed': {
      const result = await requeueTrial(db, writer, {
        reasonCode: 'machine',
        reason: outcome.reason,
        maxFailures: MAX_FAILURES,
      });
      if (result.outcome === 'failed') {
        const reason = `${outcome.reason} (${MAX_FAILURES} times without getting further); log: ${context.logFileOf(trial)}`;
        onEvent({
          type: 'trial-ended',
          trial: name,
          state: 'FAILED',
          reason,
          bestValue: undefined,
          bestEpoch: undefined,
          configuration: trial.number,
          objective: null,
          durationMs,
        });
      } else {
        onEvent({ type: 'trial-requeued', trial: name, attempt: attempts, reason: outcome.reason });
      }
    }
  }
}

interface Ending extends Pick<Settlement, 'writer' | 'epochOf' | 'durationMs'> {
  readonly end: AttemptEnd;
}

/** Ends a trial for good. */
export async function endAttempt(
  context: AttemptContext,
  trial: Trial,
  { writer, end: ended, epochOf, durationMs }: Ending,
) {
  const { db, study, pruner, onEvent } = context;
  await finishTrial(db, writer, ended);
  pruner?.end(trial.id, ended.state);
  const now = await findTrial(db, trial.id);
  invariant(now !== undefined, 'a trial that ended is there');
  if (ended.state !== 'CANCELLED') await diagnoseTrials(db, study, [now]);
  onEvent({
    type: 'trial-ended',
    trial: trialName(trial, study),
    state: ended.state,
    reason: ended.reason,
    bestValue: now.bestValue ?? undefined,
    bestEpoch: epochOf(now.bestStep),
    configuration: trial.number,
    objective: await objectiveOf(context, trial),
    durationMs,
  });
}

function endOf(
  outcome: Extract<TrialOutcome, { type: 'completed' | 'pruned' | 'infeasible' }>,
  pruned: string | undefined,
): AttemptEnd {
  switch (outcome.type) {
    case 'completed':
      return { state: 'COMPLETED' };
    case 'pruned':
      return { state: 'PRUNED', reasonCode: 'pruned', reason: pruned ?? '' };
    case 'infeasible':
      return {
        state: 'INFEASIBLE',
        reasonCode: outcome.code,
        reason: outcome.code === OUT_OF_MEMORY ? `out of memory twice: ${outcome.reason}` : outcome.reason,
      };
  }
}

/** The mean of the configuration's trials; null while one has not completed. */
async function objectiveOf({ db, study }: AttemptContext, trial: Trial): Promise<number | null> {
  const siblings = trialsPerConfiguration(study) === 1 ? [] : await siblingsOf(db, trial);
  const values = completedValues(siblings);
  return values.length < siblings.length ? null : meanOf(values);
}
