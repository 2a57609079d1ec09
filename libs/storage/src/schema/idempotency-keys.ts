import { jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/** Requests that create something, by the key that their client made: a retry is given what the first one was. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    /** `createStudy`, `enqueueConfigurations`. */
    operation: text('operation').notNull(),
    key: text('key').notNull(),
    /** sha256 of the request: the same key with another request is a mistake. */
    requestHash: text('request_hash').notNull(),
    /** What the request created; null while its transaction runs, which nobody else sees. */
    result: jsonb('result').$type<unknown>(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ name: 'idempotency_keys_operation_key', columns: [table.operation, table.key] })],
);
