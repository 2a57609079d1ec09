import { sql } from 'drizzle-orm';
import { check, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { ROUND_DECISIONS } from '../round.ts';
import { moment, oneOf } from './columns.ts';

export const rounds = pgTable(
  'rounds',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    goal: text('goal').notNull(),
    studyGroup: text('study_group'),
    learned: text('learned'),
    decision: text('decision', { enum: ROUND_DECISIONS }),
    openedAt: moment('opened_at').notNull().defaultNow(),
    closedAt: moment('closed_at'),
  },
  (table) => [
    oneOf('rounds_decision_known', table.decision, ROUND_DECISIONS),
    // A round ends with what was learned and what was decided, or it is open.
    check(
      'rounds_closed_is_whole',
      sql`(${table.closedAt} is null) = (${table.learned} is null) and (${table.closedAt} is null) = (${table.decision} is null)`,
    ),
  ],
);
