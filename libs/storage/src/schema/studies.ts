import type {
  DataSpec,
  EarlyStopping,
  Metric,
  Objective,
  PrunerSettings,
  SamplerSettings,
  Space,
  TrialLimits,
} from '@kinetune/study';
import { MOST_PRIORITY, PHASES, STUDY_STATES } from '@kinetune/study';
import { sql } from 'drizzle-orm';
import { bigint, check, foreignKey, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import type { Budget, Exploit, Override, SpaceVersion, StudyGroup, Trainer } from '../study.ts';
import { moment, oneOf } from './columns.ts';
import { rounds } from './rounds.ts';

export const studies = pgTable(
  'studies',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    name: text('name').notNull().unique('studies_name_unique'),
    goal: text('goal').notNull(),
    phase: text('phase', { enum: PHASES }).notNull(),
    state: text('state', { enum: STUDY_STATES }).notNull().default('RUNNING'),
    /** Null where a trainer of one's own brings its own. */
    data: jsonb('data').$type<DataSpec>(),
    splitHash: text('split_hash'),
    model: text('model').notNull(),
    trainer: jsonb('trainer').$type<Trainer>().notNull(),
    space: jsonb('space').$type<Space>().notNull(),
    metrics: jsonb('metrics').$type<readonly Metric[]>().notNull(),
    objective: jsonb('objective').$type<Objective>().notNull(),
    /** Every version, oldest first; the last one is `space`. */
    spaceVersions: jsonb('space_versions').$type<readonly SpaceVersion[]>().notNull(),
    sampler: jsonb('sampler').$type<SamplerSettings>().notNull(),
    pruner: jsonb('pruner').$type<PrunerSettings>().notNull(),
    budget: jsonb('budget').$type<Budget>().notNull(),
    replicates: integer('replicates').notNull().default(1),
    folds: jsonb('folds').$type<readonly number[]>(),
    exploit: jsonb('exploit').$type<Exploit>(),
    /** Name of the study whose results the sampler starts with; names never change. */
    from: text('from_study'),
    studyGroup: jsonb('study_group').$type<StudyGroup>(),
    thresholds: jsonb('thresholds')
      .$type<Readonly<Record<string, Readonly<Record<string, number>>>>>()
      .notNull()
      .default({}),
    overrides: jsonb('overrides').$type<readonly Override[]>().notNull().default([]),
    conclusion: text('conclusion'),
    /** Put away from the lists; nothing of it is lost. */
    archivedAt: moment('archived_at'),
    /** The round whose goal it helps to answer. */
    roundId: uuid('round_id').references(() => rounds.id, { onDelete: 'set null' }),
    parallelism: integer('parallelism'),
    /** Each step doubles its share of the slots; 0 is the usual one. */
    priority: integer('priority').notNull().default(0),
    keepBest: integer('keep_best').notNull(),
    /** Up to 2^32 - 1, which an integer column does not hold. */
    seed: bigint('seed', { mode: 'number' }).notNull(),
    earlyStopping: jsonb('early_stopping').$type<EarlyStopping>(),
    /** How long a trial may take and be silent. */
    limits: jsonb('limits').$type<TrialLimits>(),
    shuffleLabelsSeed: bigint('shuffle_labels_seed', { mode: 'number' }),
    /** Sequence of the last event; every change takes the next one by updating this row in its own transaction. */
    eventSequence: bigint('event_sequence', { mode: 'number' }).notNull().default(0),
    createdAt: moment('created_at').notNull().defaultNow(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (table) => [
    oneOf('studies_phase_known', table.phase, PHASES),
    oneOf('studies_state_known', table.state, STUDY_STATES),
    foreignKey({ name: 'studies_from_study_fk', columns: [table.from], foreignColumns: [table.name] }).onDelete(
      'set null',
    ),
    check('studies_replicates_positive', sql`${table.replicates} >= 1`),
    check('studies_keep_best_positive', sql`${table.keepBest} >= 1`),
    check('studies_parallelism_positive', sql`${table.parallelism} >= 1`),
    check(
      'studies_priority_in_range',
      sql`${table.priority} between ${sql.raw(`-${MOST_PRIORITY} and ${MOST_PRIORITY}`)}`,
    ),
    check('studies_budget_positive', sql`(${table.budget} ->> 'trials')::bigint >= 1`),
  ],
);
