import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/** What one process at a time may do, for as long as it renews its lease. */
export const leases = pgTable('leases', {
  /** `scheduler`. */
  name: text('name').primaryKey(),
  /** A word of the holder's own making; null: given back. */
  holder: text('holder'),
  /** Counts up when the lease changes hands. */
  fencingToken: integer('fencing_token').notNull().default(1),
  expiresAt: moment('expires_at').notNull(),
});
