import { EVENT_TYPES } from '@kinetune/study';
import { bigint, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
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
    oneOf('events_type_known', table.type, EVENT_TYPES),
  ],
);
