import { bigint, doublePrecision, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { CHECKPOINT_KINDS } from '../checkpoint.ts';
import { moment, oneOf } from './columns.ts';
import { trials } from './trials.ts';

export const checkpoints = pgTable(
  'checkpoints',
  {
    trialId: uuid('trial_id')
      .notNull()
      .references(() => trials.id, { onDelete: 'cascade' }),
    kind: text('kind', { enum: CHECKPOINT_KINDS }).notNull(),
    step: bigint('step', { mode: 'number' }).notNull(),
    /** Where it lies, relative to the store that holds it. */
    path: text('path').notNull(),
    sha256: text('sha256'),
    sizeBytes: bigint('size_bytes', { mode: 'number' }),
    /** The objective's metric at this step; null for one that is only resumed from. */
    value: doublePrecision('value'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: 'checkpoints_trial_kind_step_key', columns: [table.trialId, table.kind, table.step] }),
    oneOf('checkpoints_kind_known', table.kind, CHECKPOINT_KINDS),
  ],
);
