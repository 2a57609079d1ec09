/** Writes to a running trial: accepted from the holder of its fencing token, refused from everyone else. */
import type { TrialState } from '@kinetune/study';
import { eq, sql } from 'drizzle-orm';
import { changeStudy, type StudyChange } from './change-study.ts';
import type { Database } from './database.ts';
import { trials } from './schema/index.ts';
import { trialFromRows, unknownTrial, type Trial } from './trial.ts';
import { selectTrials } from './trials.ts';
import { isUuid } from './uuid.ts';

/** Who writes: the trial, and the token that its claim returned. */
export interface TrialWriter {
  readonly trialId: string;
  readonly fencingToken: number;
}

/**
 * Nothing was written. `fenced`: the trial was claimed again or taken away since, stop working on it. `expired`: its lease has
 * ended, and it goes back into the queue. `ended`: it is not running any more, this write came twice or too late.
 */
export interface TrialWriteRefused {
  readonly outcome: 'fenced' | 'expired' | 'ended';
  readonly state: TrialState;
  readonly message: string;
}

export interface TrialChange extends StudyChange {
  /** The trial as it was when the study was locked. */
  readonly trial: Trial;
}

/** @throws InputError when no trial has this id. */
export async function changeTrial<T>(
  db: Database,
  writer: TrialWriter,
  work: (change: TrialChange) => Promise<T>,
): Promise<T | TrialWriteRefused> {
  const { trialId, fencingToken } = writer;
  return changeStudy(db, await studyOf(db, trialId), async (change) => {
    const trial = await lockedTrial(change.db, trialId);
    if (trial.fencingToken !== fencingToken) {
      const message = `trial ${trial.number} was claimed with token ${fencingToken}, its token is now ${trial.fencingToken}: another writer has it, or it was taken back`;
      return { outcome: 'fenced', state: trial.state, message };
    }
    if (trial.state !== 'RUNNING') {
      return { outcome: 'ended', state: trial.state, message: `trial ${trial.number} is ${trial.state}, not RUNNING` };
    }
    if (trial.leaseEndsAt !== null && (await isPast(change.db, trial.leaseEndsAt))) {
      const message = `the lease of trial ${trial.number} ended at ${trial.leaseEndsAt.toISOString()}: renew it in time, or ask for more seconds`;
      return { outcome: 'expired', state: trial.state, message };
    }
    return work({ ...change, trial });
  });
}

/** By the database's clock, which is one for all. */
async function isPast(db: Database, moment: Date): Promise<boolean> {
  const [row] = await db
    .select({ isPast: sql<boolean>`${moment.toISOString()}::timestamptz <= now()` })
    .from(sql`(select 1) as one`);
  return row?.isPast === true;
}

/** The study of a trial; it never changes, so it is read before any lock. */
export async function studyOf(db: Database, trialId: string): Promise<string> {
  if (!isUuid(trialId)) throw unknownTrial(trialId);
  const [row] = await db.select({ studyId: trials.studyId }).from(trials).where(eq(trials.id, trialId));
  if (row === undefined) throw unknownTrial(trialId);
  return row.studyId;
}

/** A trial read inside its study's transaction, whose lock keeps it from changing. */
export async function lockedTrial(db: Database, trialId: string): Promise<Trial> {
  const [row] = await selectTrials(db).where(eq(trials.id, trialId));
  if (row === undefined) throw unknownTrial(trialId);
  return trialFromRows(row.trial, row.configuration);
}

/** The time spent RUNNING so far, for the row of a trial that stops running at `end`. */
export function runningMsUntil(end: 'now' | 'last-heartbeat') {
  const moment = end === 'now' ? sql`now()` : sql`coalesce(${trials.heartbeatAt}, ${trials.startedAt})`;
  return sql`${trials.earlierRunningMs} + coalesce(round(extract(epoch from ${moment} - ${trials.startedAt}) * 1000), 0)::bigint`;
}
