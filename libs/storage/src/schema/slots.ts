import { integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { agents } from './agents.ts';

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
  },
  (table) => [unique('slots_agent_position_unique').on(table.agentId, table.position)],
);
