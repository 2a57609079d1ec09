/** Trials that are trained by whoever asked for them: their right to write ends with a lease, which each sign of life renews. */
import { and, eq, lte, sql, type SQL } from 'drizzle-orm';
import { changeStudy } from './change-study.ts';
import { changeTrial, lockedTrial, type TrialWriter, type TrialWriteRefused } from './change-trial.ts';
import type { Database } from './database.ts';
import { countFailure } from './requeue-trial.ts';
import { trials } from './schema/index.ts';

/** The end of a lease that begins now. */
export function inSeconds(seconds: number): SQL {
  return sql`now() + ${seconds}::double precision * interval '1 second'`;
}

/** The end of a lease after a sign of life: as far from it as it was from the one before; null where there is no lease. */
export function renewedLease(): SQL {
  return sql`${trials.leaseEndsAt} + (now() - ${trials.heartbeatAt})`;
}

/** Renews a lease: from now on for `seconds`. */
export async function renewLease(
  db: Database,
  writer: TrialWriter,
  seconds: number,
): Promise<{ readonly outcome: 'written' } | TrialWriteRefused> {
  return changeTrial(db, writer, async ({ db: tx, trial }) => {
    await tx
      .update(trials)
      .set({ heartbeatAt: sql`now()`, leaseEndsAt: inSeconds(seconds) })
      .where(eq(trials.id, trial.id));
    return { outcome: 'written' };
  });
}

/**
 * Takes back the trials whose lease has ended, of one study or of all, and returns their ids: they go back into the queue, or are
 * FAILED when that happened `maxFailures` times without a new resumable step in between.
 */
export async function requeueExpiredLeases(
  db: Database,
  { studyId, maxFailures }: { readonly studyId?: string; readonly maxFailures: number },
): Promise<readonly string[]> {
  const isExpired = and(
    eq(trials.state, 'RUNNING'),
    lte(trials.leaseEndsAt, sql`now()`),
    studyId === undefined ? undefined : eq(trials.studyId, studyId),
  );
  const found = await db.select({ id: trials.id, studyId: trials.studyId }).from(trials).where(isExpired);
  const taken: string[] = [];
  for (const one of found) {
    await changeStudy(db, one.studyId, async (change) => {
      const [expired] = await change.db
        .select({ id: trials.id })
        .from(trials)
        .where(and(isExpired, eq(trials.id, one.id)));
      if (expired === undefined) return;
      const trial = await lockedTrial(change.db, one.id);
      const reason = `who asked for it gave no sign of life until its lease ended${trial.device === null ? '' : ` (${trial.device})`}`;
      await countFailure({ ...change, trial }, { reasonCode: 'lease-expired', reason, maxFailures });
      taken.push(one.id);
    });
  }
  return taken;
}
