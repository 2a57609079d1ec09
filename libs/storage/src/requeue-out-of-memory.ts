import { eq } from 'drizzle-orm';
import { changeTrial, type TrialWriter, type TrialWriteRefused } from './change-trial.ts';
import type { Database } from './database.ts';
import { queueAgain } from './requeue-trial.ts';
import { trials } from './schema/index.ts';

const OUT_OF_MEMORY = 'out-of-memory';

/**
 * A trial ran out of memory. The first time that may be a neighbour's doing: it goes back into the queue, and no failure of the
 * machine is counted. `again`: it had its second chance; nothing was written, end it as infeasible.
 */
export async function requeueOutOfMemory(
  db: Database,
  writer: TrialWriter,
  reason: string,
): Promise<{ readonly outcome: 'requeued' | 'again' } | TrialWriteRefused> {
  return changeTrial(db, writer, async (change) => {
    const { db: tx, trial } = change;
    const [row] = await tx.select({ count: trials.memoryFailures }).from(trials).where(eq(trials.id, trial.id));
    const count = row?.count ?? 0;
    if (count > 0) return { outcome: 'again' };
    await tx
      .update(trials)
      .set({ memoryFailures: count + 1 })
      .where(eq(trials.id, trial.id));
    await queueAgain(change, trial, { reasonCode: OUT_OF_MEMORY, reason, end: 'now' });
    return { outcome: 'requeued' };
  });
}
