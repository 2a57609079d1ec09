import { bigint, json, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';
import { studies } from './studies.ts';

/** The last analysis of each study, so that asking again costs a read. */
export const analyses = pgTable('analyses', {
  studyId: uuid('study_id')
    .primaryKey()
    .references(() => studies.id, { onDelete: 'cascade' }),
  /** The study's last change that it has seen. */
  sequence: bigint('sequence', { mode: 'number' }).notNull(),
  /** Of the analysis that wrote it: another one computes it again. */
  version: text('version').notNull(),
  report: json('report').$type<unknown>().notNull(),
  computedAt: moment('computed_at').notNull().defaultNow(),
});
