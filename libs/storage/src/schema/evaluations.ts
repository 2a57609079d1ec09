import type { EvaluationResult } from '@kinetune/study';
import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { EVALUATION_SPLITS } from '../evaluation.ts';
import { moment, oneOf } from './columns.ts';
import { trials } from './trials.ts';

export const evaluations = pgTable(
  'evaluations',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    trialId: uuid('trial_id')
      .notNull()
      .references(() => trials.id, { onDelete: 'cascade' }),
    split: text('split', { enum: EVALUATION_SPLITS }).notNull(),
    step: bigint('step', { mode: 'number' }).notNull(),
    confusionMatrix: jsonb('confusion_matrix').$type<EvaluationResult['confusionMatrix']>().notNull(),
    perSubject: jsonb('per_subject').$type<EvaluationResult['perSubject']>().notNull(),
    /** Why the test people were looked at; every look is a row of its own. */
    reason: text('reason'),
    /** Who looked at the test people. */
    evaluatedBy: text('evaluated_by'),
    /** The study had looked at them before, so that this is no estimate for new people. */
    isContaminated: boolean('is_contaminated').notNull().default(false),
    evaluatedAt: moment('evaluated_at').notNull().defaultNow(),
  },
  (table) => [
    // One validation evaluation a trial, that of its best step; test evaluations are a log and only grow.
    uniqueIndex('evaluations_validation_unique')
      .on(table.trialId)
      .where(sql`${table.split} = 'validation'`),
    index('evaluations_trial_index').on(table.trialId),
    oneOf('evaluations_split_known', table.split, EVALUATION_SPLITS),
    check('evaluations_test_has_reason', sql`${table.split} <> 'test' or ${table.reason} is not null`),
  ],
);
