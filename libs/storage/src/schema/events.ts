import { EVENT_TYPES } from '@kinetune/study';
import { sql } from 'drizzle-orm';
import { bigint, index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { moment, oneOf } from './columns.ts';
import { studies } from './studies.ts';

export const events = pgTable(
  'events',
  {
    studyId: uuid('study_id')
      .notNull()
      .references(() => studies.id, { onDelete: 'cascade' }),
    sequence: bigint('sequence', { mode: 'number' }).notNull(),
    type: text('type', { enum: EVENT_TYPES }).notNull(),
    /** What it is about; no foreign key, so the log outlives what it tells of. */
    trialId: uuid('trial_id'),
    step: bigint('step', { mode: 'number' }),
    detail: jsonb('detail').$type<Readonly<Record<string, unknown>>>().notNull(),
    recordedAt: moment('recorded_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: 'events_study_sequence_key', columns: [table.studyId, table.sequence] }),
    // What changed a study besides epochs is found without reading past them.
    index('events_change_index')
      .on(table.studyId, table.sequence)
      .where(sql`${table.type} not in ('measurement', 'checkpoint')`),
    oneOf('events_type_known', table.type, EVENT_TYPES),
  ],
);
