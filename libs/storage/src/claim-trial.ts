/** Handing trials to agents. */
import { invariant, type RuntimeSettings } from '@kinetune/study';
import { and, count, eq, sql } from 'drizzle-orm';
import { changeStudy } from './change-study.ts';
import { changeTrial, type TrialWriter, type TrialWriteRefused } from './change-trial.ts';
import type { Database } from './database.ts';
import { requireSameCode } from './require-same-code.ts';
import { configurations, trials } from './schema/index.ts';
import { inSeconds } from './trial-leases.ts';
import { trialFromRows, type Fingerprint, type Trial } from './trial.ts';
import { takeTrialJob } from './trial-jobs.ts';

export interface Claimant {
  readonly studyId: string;
  /** Null with a lease: whoever asks is no agent of ours. */
  readonly agentId: string | null;
  readonly slotId: string | null;
  readonly device?: string;
  /** Nothing is claimed while so many trials of the study are running; null or absent: any number may. */
  readonly mostRunning?: number | null;
  /** What a trial of the fold is to run on; noted with the claim, so that agents that begin at once know of each other. */
  readonly fingerprintOf?: (fold: number) => Fingerprint | undefined;
  /** Claim nothing where the study's trials ran on other code than this. */
  readonly code?: Fingerprint | undefined;
  /** The right ends after so long unless renewed. Trials of a study that is asked are claimed with one, all others without. */
  readonly leaseSeconds?: number;
}

/**
 * The queued trial with the lowest number, now RUNNING for this agent and slot with a new fencing token; undefined when
 * none is queued or the study is not RUNNING. `resumableStep` says where to go on from.
 * @throws EnvironmentError `code-differs` where the study's trials ran on other code than `code`.
 */
export async function claimTrial(db: Database, claimant: Claimant): Promise<Trial | undefined> {
  for (;;) {
    try {
      return await claimOnce(db, claimant);
    } catch (error) {
      if (error !== ANOTHER_STUDY) throw error;
    }
  }
}

/** Thrown to roll a claim back. */
const ANOTHER_STUDY = new Error('a job of another study came first');

async function claimOnce(db: Database, claimant: Claimant): Promise<Trial | undefined> {
  const { studyId, agentId, slotId, device, mostRunning = null, leaseSeconds, fingerprintOf, code } = claimant;
  return changeStudy(db, studyId, async ({ db: tx, study, append }) => {
    if (study.state !== 'RUNNING') return undefined;
    if ((study.trainer.kind === 'ask') !== (leaseSeconds !== undefined)) return undefined;
    if (mostRunning !== null) {
      const isRunning = and(eq(trials.studyId, studyId), eq(trials.state, 'RUNNING'));
      const [row] = await tx.select({ running: count() }).from(trials).where(isRunning);
      if ((row?.running ?? 0) >= mostRunning) return undefined;
    }
    if (code !== undefined) await requireSameCode(tx, study, code);
    const job = await takeTrialJob(tx, studyId);
    if (job === 'another-study') throw ANOTHER_STUDY;
    if (job === 'none') return undefined;
    const [next] = await tx
      .select({
        id: trials.id,
        fold: trials.fold,
        fingerprint: trials.fingerprint,
        number: configurations.number,
        values: configurations.values,
      })
      .from(trials)
      .innerJoin(configurations, eq(configurations.id, trials.configurationId))
      .where(eq(trials.id, job.trialId));
    invariant(next !== undefined, 'a trial has a configuration');
    const [row] = await tx
      .update(trials)
      .set({
        state: 'RUNNING',
        attempts: sql`${trials.attempts} + 1`,
        fencingToken: sql`${trials.fencingToken} + 1`,
        agentId,
        slotId,
        device: device ?? null,
        fingerprint: fingerprintOf?.(next.fold) ?? next.fingerprint,
        startedAt: sql`now()`,
        heartbeatAt: sql`now()`,
        leaseEndsAt: leaseSeconds === undefined ? null : inSeconds(leaseSeconds),
      })
      .where(eq(trials.id, next.id))
      .returning();
    invariant(row !== undefined, 'the queued trial is there while its study is locked');
    const trial = trialFromRows(row, next);
    append({
      type: 'trial-changed',
      trialId: trial.id,
      detail: { state: 'RUNNING', attempt: trial.attempts, resumableStep: trial.resumableStep, agentId, slotId },
    });
    return trial;
  });
}

/** What a trainer says of itself when it starts on a trial. Fields left out stay as they are. */
export interface TrialStart {
  readonly device?: string;
  readonly fingerprint?: Fingerprint;
  readonly runtime?: RuntimeSettings;
  readonly weightCount?: number;
  readonly totalSteps?: number;
  readonly totalEpochs?: number;
}

export async function recordTrialStart(
  db: Database,
  writer: TrialWriter,
  start: TrialStart,
): Promise<{ readonly outcome: 'written' } | TrialWriteRefused> {
  return changeTrial(db, writer, async ({ db: tx, trial, append }) => {
    if (Object.values(start).every((value) => value === undefined)) return { outcome: 'written' };
    await tx.update(trials).set(start).where(eq(trials.id, trial.id));
    const { fingerprint: _, ...detail } = start;
    append({ type: 'trial-changed', trialId: trial.id, detail: { state: 'RUNNING', ...detail } });
    return { outcome: 'written' };
  });
}
