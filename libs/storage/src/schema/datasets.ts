import type { DataSpec } from '@kinetune/study';
import { boolean, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

export const datasets = pgTable(
  'datasets',
  {
    /** sha256 of what was imported, and of the canonical JSON of `spec`. */
    contentHash: text('content_hash').notNull(),
    specHash: text('spec_hash').notNull(),
    spec: jsonb('spec').$type<DataSpec>().notNull(),
    splitHash: text('split_hash'),
    /** Counts of windows, people and classes, the leak audit, malformed lines: whatever the importer reports. */
    summary: jsonb('summary').$type<Readonly<Record<string, unknown>>>().notNull(),
    /** Results of the baselines by name; null until they have run. */
    baselines: jsonb('baselines').$type<Readonly<Record<string, unknown>>>(),
    isSynthetic: boolean('is_synthetic').notNull(),
    isLeaking: boolean('is_leaking').notNull(),
    importedAt: moment('imported_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ name: 'datasets_content_spec_key', columns: [table.contentHash, table.specHash] })],
);
