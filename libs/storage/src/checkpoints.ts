/** Where a trial's checkpoints lie. */
import { and, asc, eq } from 'drizzle-orm';
import { changeTrial, type TrialWriter, type TrialWriteRefused } from './change-trial.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Database } from './database.ts';
import { checkpoints } from './schema/index.ts';

/** Notes a checkpoint that is durable; the same (kind, step) again replaces what was noted. */
export async function recordCheckpoint(
  db: Database,
  writer: TrialWriter,
  checkpoint: Checkpoint,
): Promise<{ readonly outcome: 'written' } | TrialWriteRefused> {
  return changeTrial(db, writer, async ({ db: tx, trial, append }) => {
    const { kind, step, ...rest } = checkpoint;
    await tx
      .insert(checkpoints)
      .values({ trialId: trial.id, kind, step, ...rest })
      .onConflictDoUpdate({ target: [checkpoints.trialId, checkpoints.kind, checkpoints.step], set: rest });
    append({ type: 'checkpoint', trialId: trial.id, step, detail: { kind, isKept: true } });
    return { outcome: 'written' };
  });
}

/** Forgets a checkpoint that was deleted: a better one took its place. */
export async function removeCheckpoint(
  db: Database,
  writer: TrialWriter,
  { kind, step }: Pick<Checkpoint, 'kind' | 'step'>,
): Promise<{ readonly outcome: 'written' } | TrialWriteRefused> {
  return changeTrial(db, writer, async ({ db: tx, trial, append }) => {
    const removed = await tx
      .delete(checkpoints)
      .where(and(eq(checkpoints.trialId, trial.id), eq(checkpoints.kind, kind), eq(checkpoints.step, step)))
      .returning({ step: checkpoints.step });
    if (removed.length > 0) append({ type: 'checkpoint', trialId: trial.id, step, detail: { kind, isKept: false } });
    return { outcome: 'written' };
  });
}

/** A trial's checkpoints by step. */
export async function listCheckpoints(db: Database, trialId: string): Promise<readonly Checkpoint[]> {
  const rows = await db
    .select()
    .from(checkpoints)
    .where(eq(checkpoints.trialId, trialId))
    .orderBy(asc(checkpoints.step), asc(checkpoints.kind));
  return rows.map(({ kind, step, path, sha256, sizeBytes, value }) => ({ kind, step, path, sha256, sizeBytes, value }));
}
