/** What the devices of slots are doing: looked at by their agent every few seconds, the last look is kept. */
import { eq, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { slots } from './schema/index.ts';
import { withStorageFailures } from './storage-failure.ts';

export interface DeviceSample {
  readonly slotId: string;
  /** What CUDA knows the slot's GPU by. */
  readonly gpuUuid: string;
  /** Of the whole GPU, which slots may share. Null where its driver does not say. */
  readonly memoryTotalBytes: number | null;
  readonly memoryUsedBytes: number | null;
  /** Share of the last moments in which something ran on it, 0 to 1. */
  readonly utilisation: number | null;
}

/** Keeps the samples in place of earlier ones. Slots that are gone are passed over. */
export async function recordDeviceSamples(db: Database, samples: readonly DeviceSample[]): Promise<void> {
  if (samples.length === 0) return;
  await withStorageFailures(() =>
    db.transaction(async (tx) => {
      // In one order, whoever writes: two that wait for each other's rows would wait for ever.
      for (const { slotId, ...sample } of samples.toSorted((a, b) => (a.slotId < b.slotId ? -1 : 1)))
        await tx
          .update(slots)
          .set({ ...sample, sampledAt: sql`now()` })
          .where(eq(slots.id, slotId));
    }),
  );
}
