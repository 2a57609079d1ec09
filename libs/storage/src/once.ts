/** Requests that create something, done once however often their client sends them. */
import { createHash } from 'node:crypto';
import { InputError, invariant } from '@kinetune/study';
import { and, eq, lt, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { idempotencyKeys } from './schema/index.ts';
import { withStorageFailures } from './storage-failure.ts';

export interface OnceRequest {
  /** What is asked for: keys of one operation are not those of another. */
  readonly operation: string;
  /** Made by the client for this request. */
  readonly key: string;
  /** The request itself, as JSON. */
  readonly request: unknown;
}

/** Keys are remembered for so long. */
const REMEMBERED = sql`now() - interval '7 days'`;

/**
 * Runs `work` in a transaction and remembers its result, a JSON value, under the key; the same key again gives that result and
 * does nothing. Two at once: the second waits for the first.
 * @throws InputError where the key was used for another request.
 */
export async function once<T>(
  db: Database,
  { operation, key, request }: OnceRequest,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const requestHash = createHash('sha256').update(JSON.stringify(request)).digest('hex');
  const isThis = and(eq(idempotencyKeys.operation, operation), eq(idempotencyKeys.key, key));
  return withStorageFailures(() =>
    db.transaction(async (tx) => {
      await tx.delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, REMEMBERED));
      const [own] = await tx
        .insert(idempotencyKeys)
        .values({ operation, key, requestHash })
        .onConflictDoNothing()
        .returning();
      if (own === undefined) {
        const [earlier] = await tx.select().from(idempotencyKeys).where(isThis);
        invariant(earlier !== undefined, 'a key that is in the way is there');
        if (earlier.requestHash !== requestHash)
          throw new InputError(
            'idempotency-key-reused',
            `expected a key of its own for each request, got ${key}, which was used for another ${operation}: make a new one for a request that differs`,
          );
        return earlier.result as T;
      }
      const result = await work(tx);
      await tx.update(idempotencyKeys).set({ result }).where(isThis);
      return result;
    }),
  );
}
