import { bigint, doublePrecision, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { agents } from './agents.ts';
import { moment } from './columns.ts';

export const slots = pgTable(
  'slots',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    agentId: uuid('agent_id')
      .notNull()
      .references(() => agents.id, { onDelete: 'cascade' }),
    /** Counts the agent's slots from 0. */
    position: integer('position').notNull(),
    device: text('device').notNull(),
    /** What CUDA knows its GPU by; null for a slot on the processors. Slots of one GPU have the same. */
    gpuUuid: text('gpu_uuid'),
    /** The GPU as it was last looked at; null where its driver does not say, and for processors. */
    memoryTotalBytes: bigint('memory_total_bytes', { mode: 'number' }),
    memoryUsedBytes: bigint('memory_used_bytes', { mode: 'number' }),
    /** Share of the last moments in which something ran on it, 0 to 1. */
    utilisation: doublePrecision('utilisation'),
    sampledAt: moment('sampled_at'),
  },
  (table) => [unique('slots_agent_position_unique').on(table.agentId, table.position)],
);
