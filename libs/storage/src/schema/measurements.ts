import type { EpochDetail } from '@kinetune/study';
import { sql } from 'drizzle-orm';
import { bigint, check, doublePrecision, jsonb, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';
import { trials } from './trials.ts';

export const measurements = pgTable(
  'measurements',
  {
    trialId: uuid('trial_id')
      .notNull()
      .references(() => trials.id, { onDelete: 'cascade' }),
    step: bigint('step', { mode: 'number' }).notNull(),
    epoch: doublePrecision('epoch').notNull(),
    /** In the order of the study's metrics; null where a value is not finite or was not sent. */
    values: doublePrecision('values').array().$type<readonly (number | null)[]>().notNull(),
    detail: jsonb('detail').$type<EpochDetail>(),
    recordedAt: moment('recorded_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: 'measurements_trial_step_key', columns: [table.trialId, table.step] }),
    check('measurements_step_not_negative', sql`${table.step} >= 0`),
  ],
);
