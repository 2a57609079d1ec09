import { and, eq, sql } from 'drizzle-orm';
import { changeStudy } from './change-study.ts';
import type { Database } from './database.ts';
import { configurations, trials } from './schema/index.ts';
import { queueTrials } from './trial-jobs.ts';

/**
 * Puts a study's FAILED trials back into the queue, with their failures forgotten: the machine has been mended since, or so
 * thinks the person who asks. They go on from what they measured. Returns their ids.
 */
export async function retryFailedTrials(db: Database, studyId: string): Promise<readonly string[]> {
  return changeStudy(db, studyId, async ({ db: tx, append }) => {
    const queued = await tx
      .update(trials)
      .set({
        state: 'QUEUED',
        failures: 0,
        fencingToken: sql`${trials.fencingToken} + 1`,
        agentId: null,
        slotId: null,
        queuedAt: sql`now()`,
        finishedAt: null,
      })
      .from(configurations)
      .where(
        and(eq(trials.studyId, studyId), eq(trials.state, 'FAILED'), eq(configurations.id, trials.configurationId)),
      )
      .returning({
        id: trials.id,
        replicate: trials.replicate,
        number: configurations.number,
        resumableStep: trials.resumableStep,
      });
    await queueTrials(
      tx,
      queued.map(({ id, number, replicate }) => ({ id, studyId, number, replicate })),
    );
    for (const { id, resumableStep } of queued) {
      append({ type: 'trial-changed', trialId: id, detail: { state: 'QUEUED', reasonCode: 'retried', resumableStep } });
    }
    return queued.map(({ id }) => id);
  });
}
