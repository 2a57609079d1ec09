import { TRIAL_STATES, type RuntimeSettings } from '@kinetune/study';
import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Diagnosis, Fingerprint } from '../trial.ts';
import { agents } from './agents.ts';
import { moment, oneOf } from './columns.ts';
import { configurations } from './configurations.ts';
import { slots } from './slots.ts';
import { studies } from './studies.ts';

export const trials = pgTable(
  'trials',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    /** The configuration's study, repeated here because every change of a trial starts by locking its study. */
    studyId: uuid('study_id')
      .notNull()
      .references(() => studies.id, { onDelete: 'cascade' }),
    configurationId: uuid('configuration_id')
      .notNull()
      .references(() => configurations.id, { onDelete: 'cascade' }),
    /** Counts the trials of a configuration from 0: replicates and folds. */
    replicate: integer('replicate').notNull(),
    seed: bigint('seed', { mode: 'number' }).notNull(),
    fold: integer('fold').notNull(),
    state: text('state', { enum: TRIAL_STATES }).notNull().default('QUEUED'),
    /** A word for programs: `diverged`, `out-of-memory`. */
    reasonCode: text('reason_code'),
    reason: text('reason'),
    /** How often it was claimed. */
    attempts: integer('attempts').notNull().default(0),
    /** Machine failures since the trial last got further than ever before. */
    failures: integer('failures').notNull().default(0),
    /** How often it ran out of memory; never forgotten. */
    memoryFailures: integer('memory_failures').notNull().default(0),
    /** Counts up when the right to write changes hands; a write with an older one is refused. */
    fencingToken: integer('fencing_token').notNull().default(0),
    agentId: uuid('agent_id').references(() => agents.id, { onDelete: 'set null' }),
    slotId: uuid('slot_id').references(() => slots.id, { onDelete: 'set null' }),
    device: text('device'),
    fingerprint: jsonb('fingerprint').$type<Fingerprint>(),
    runtime: jsonb('runtime').$type<RuntimeSettings>(),
    weightCount: bigint('weight_count', { mode: 'number' }),
    totalSteps: bigint('total_steps', { mode: 'number' }),
    totalEpochs: doublePrecision('total_epochs'),
    /** Furthest measurement, and the furthest whose training state is durable. */
    lastStep: bigint('last_step', { mode: 'number' }),
    resumableStep: bigint('resumable_step', { mode: 'number' }),
    bestStep: bigint('best_step', { mode: 'number' }),
    bestValue: doublePrecision('best_value'),
    /** What its curve says, computed once when it ended. */
    diagnosis: jsonb('diagnosis').$type<Diagnosis>(),
    /** Time spent RUNNING in the attempts before the present one. */
    earlierRunningMs: bigint('earlier_running_ms', { mode: 'number' }).notNull().default(0),
    queuedAt: moment('queued_at').notNull().defaultNow(),
    startedAt: moment('started_at'),
    heartbeatAt: moment('heartbeat_at'),
    /** Set while whoever asked for it trains it: nobody else's sign of life is waited for. */
    leaseEndsAt: moment('lease_ends_at'),
    finishedAt: moment('finished_at'),
  },
  (table) => [
    unique('trials_configuration_replicate_unique').on(table.configurationId, table.replicate),
    index('trials_study_state_index').on(table.studyId, table.state),
    oneOf('trials_state_known', table.state, TRIAL_STATES),
    check('trials_counts_not_negative', sql`${table.replicate} >= 0 and ${table.fold} >= 0 and ${table.attempts} >= 0`),
    check('trials_finished_has_time', sql`(${table.state} in ('QUEUED', 'RUNNING')) = (${table.finishedAt} is null)`),
    check('trials_running_has_start', sql`${table.state} <> 'RUNNING' or ${table.startedAt} is not null`),
  ],
);
