import { index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { LAUNCH_DECISIONS } from '../launch.ts';
import { moment, oneOf } from './columns.ts';
import { configurations } from './configurations.ts';
import { rounds } from './rounds.ts';
import { studies } from './studies.ts';

export const launches = pgTable(
  'launches',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    studyId: uuid('study_id')
      .notNull()
      .references(() => studies.id, { onDelete: 'cascade' }),
    roundId: uuid('round_id').references(() => rounds.id, { onDelete: 'set null' }),
    configurationId: uuid('configuration_id')
      .notNull()
      .references(() => configurations.id, { onDelete: 'cascade' }),
    /** May be of another study. */
    baselineId: uuid('baseline_id').references(() => configurations.id, { onDelete: 'set null' }),
    decision: text('decision', { enum: LAUNCH_DECISIONS }).notNull(),
    reason: text('reason').notNull(),
    decidedBy: text('decided_by').notNull(),
    evidence: jsonb('evidence').$type<Readonly<Record<string, unknown>>>().notNull(),
    decidedAt: moment('decided_at').notNull().defaultNow(),
  },
  (table) => [
    index('launches_study_index').on(table.studyId),
    oneOf('launches_decision_known', table.decision, LAUNCH_DECISIONS),
  ],
);
