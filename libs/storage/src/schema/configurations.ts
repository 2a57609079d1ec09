import type { Values } from '@kinetune/study';
import { sql } from 'drizzle-orm';
import { check, doublePrecision, integer, jsonb, pgTable, unique, uuid } from 'drizzle-orm/pg-core';
import type { SamplerNote } from '../configuration.ts';
import { moment } from './columns.ts';
import { studies } from './studies.ts';

export const configurations = pgTable(
  'configurations',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    studyId: uuid('study_id')
      .notNull()
      .references(() => studies.id, { onDelete: 'cascade' }),
    /** The sampler's index: counts from 0 in each study. */
    number: integer('number').notNull(),
    values: jsonb('values').$type<Values>().notNull(),
    spaceVersion: integer('space_version').notNull(),
    samplerNote: jsonb('sampler_note').$type<SamplerNote>().notNull(),
    /** Mean of the best values of its trials once all have completed; null before and where one did not complete. */
    objective: doublePrecision('objective'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [
    unique('configurations_study_number_unique').on(table.studyId, table.number),
    check('configurations_number_not_negative', sql`${table.number} >= 0`),
  ],
);
