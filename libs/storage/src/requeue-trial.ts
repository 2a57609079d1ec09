/** How a trial comes back into the queue: after a failure of the machine, a clean stop, or the death of its agent. */
import { and, eq, inArray, isNull, notExists, notInArray, or, sql, type SQL } from 'drizzle-orm';
import { changeStudy, type StudyChange } from './change-study.ts';
import {
  changeTrial,
  lockedTrial,
  runningMsUntil,
  type TrialChange,
  type TrialWriter,
  type TrialWriteRefused,
} from './change-trial.ts';
import type { Database } from './database.ts';
import { endTrial } from './finish-trial.ts';
import { agents, trials } from './schema/index.ts';
import { isAlive } from './study-loads.ts';
import type { Trial } from './trial.ts';
import { queueTrials } from './trial-jobs.ts';

export interface MachineFailure {
  readonly reasonCode: string;
  readonly reason: string;
  /** Failures without progress in between after which the trial is FAILED. */
  readonly maxFailures: number;
  /** Until when it ran; `now` unless stated. */
  readonly end?: 'now' | 'last-heartbeat';
}

/**
 * The machine failed under a trial: it goes back into the queue, keeping what it measured, or is FAILED when that happened
 * `maxFailures` times without a new resumable step in between.
 */
export async function requeueTrial(
  db: Database,
  writer: TrialWriter,
  { reasonCode, reason, maxFailures }: MachineFailure,
): Promise<{ readonly outcome: 'requeued' | 'failed'; readonly failures: number } | TrialWriteRefused> {
  return changeTrial(db, writer, (change) => countFailure(change, { reasonCode, reason, maxFailures }));
}

/** Queues a running trial again, or ends it as FAILED at the cap. */
export async function countFailure(
  change: TrialChange,
  { reasonCode, reason, maxFailures, end = 'now' }: MachineFailure,
): Promise<{ readonly outcome: 'requeued' | 'failed'; readonly failures: number }> {
  const failures = change.trial.failures + 1;
  await change.db.update(trials).set({ failures }).where(eq(trials.id, change.trial.id));
  if (failures >= maxFailures) {
    const times = failures === 1 ? '' : ` (the machine failed ${failures} times without getting further)`;
    await endTrial(change, change.trial, { state: 'FAILED', reasonCode, reason: reason + times });
    return { outcome: 'failed', failures };
  }
  await queueAgain(change, change.trial, { reasonCode, reason, end });
  return { outcome: 'requeued', failures };
}

/** A clean stop (Ctrl-C, a slot taken away): back into the queue, and no failure. */
export async function releaseTrial(
  db: Database,
  writer: TrialWriter,
  reason: string,
): Promise<{ readonly outcome: 'requeued' } | TrialWriteRefused> {
  return changeTrial(db, writer, async (change) => {
    await queueAgain(change, change.trial, { reasonCode: 'stopped', reason, end: 'now' });
    return { outcome: 'requeued' };
  });
}

/**
 * Takes back every running trial whose agent is none of the living ones, and returns their ids; slots of the others count no more,
 * however lately they gave a sign of life. It is no failure of the trial: whoever kills the whole program often enough would else
 * fail it. On an embedded database no agent outlives the lock, so at start-up the list of the living is empty.
 */
export async function requeueOrphans(db: Database, livingAgentIds: readonly string[]): Promise<readonly string[]> {
  const isDead = and(isNull(agents.stoppedAt), notInArray(agents.id, [...livingAgentIds]));
  await db
    .update(agents)
    .set({ stoppedAt: sql`${agents.heartbeatAt}` })
    .where(isDead);
  const isOrphan = or(isNull(trials.agentId), notInArray(trials.agentId, [...livingAgentIds]));
  return takeBack(db, isOrphan, async (change) => {
    const reason = 'the process that trained it ended without a word';
    await queueAgain(change, change.trial, { reasonCode: 'orphaned', reason, end: 'last-heartbeat' });
  });
}

/**
 * Takes back every running trial whose agent has stopped or has given no sign of life for `silentForMs`, and returns their ids: what
 * the leader does while other agents live. It counts as a failure of the machine, since a trial may be what ends its agents.
 */
export async function requeueLost(
  db: Database,
  { silentForMs, maxFailures }: { readonly silentForMs: number; readonly maxFailures: number },
): Promise<readonly string[]> {
  const living = db
    .select({ id: agents.id })
    .from(agents)
    .where(and(eq(agents.id, trials.agentId), isAlive(silentForMs)));
  return takeBack(db, notExists(living), async (change) => {
    const reason = `its agent gave no sign of life for ${Math.round(silentForMs / 1000)} s`;
    await countFailure(change, { reasonCode: 'agent-lost', reason, maxFailures, end: 'last-heartbeat' });
  });
}

/** Takes back the running trials of agents that meet a condition, each under its study's lock, where the condition is met still. */
async function takeBack(
  db: Database,
  condition: SQL | undefined,
  requeue: (change: TrialChange) => Promise<void>,
): Promise<readonly string[]> {
  // Who asked for a trial is no agent: its lease says how long it is waited for.
  const isOrphan = and(eq(trials.state, 'RUNNING'), isNull(trials.leaseEndsAt), condition);
  const found = await db.select({ id: trials.id, studyId: trials.studyId }).from(trials).where(isOrphan);
  const taken: string[] = [];
  for (const studyId of new Set(found.map((trial) => trial.studyId))) {
    await changeStudy(db, studyId, async (change) => {
      const ids = found.filter((trial) => trial.studyId === studyId).map(({ id }) => id);
      const orphans = await change.db
        .select({ id: trials.id })
        .from(trials)
        .where(and(isOrphan, inArray(trials.id, ids)));
      for (const { id } of orphans) {
        await requeue({ ...change, trial: await lockedTrial(change.db, id) });
        taken.push(id);
      }
    });
  }
  return taken;
}

interface Requeue {
  readonly reasonCode: string;
  readonly reason: string;
  readonly end: 'now' | 'last-heartbeat';
}

export async function queueAgain(
  { db, append }: StudyChange,
  trial: Trial,
  { reasonCode, reason, end }: Requeue,
): Promise<void> {
  await db
    .update(trials)
    .set({
      state: 'QUEUED',
      reasonCode,
      reason,
      // The right to write ends here, not only at the next claim.
      fencingToken: sql`${trials.fencingToken} + 1`,
      agentId: null,
      slotId: null,
      leaseEndsAt: null,
      earlierRunningMs: runningMsUntil(end),
      queuedAt: sql`now()`,
    })
    .where(eq(trials.id, trial.id));
  await queueTrials(db, [trial]);
  append({
    type: 'trial-changed',
    trialId: trial.id,
    detail: { state: 'QUEUED', reasonCode, reason, resumableStep: trial.resumableStep },
  });
}
