import { sql } from 'drizzle-orm';
import { check, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { API_ROLES } from '../api-token.ts';
import { moment, oneOf } from './columns.ts';

export const apiTokens = pgTable(
  'api_tokens',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    name: text('name').notNull(),
    role: text('role', { enum: API_ROLES }).notNull(),
    /** SHA-256 of the secret, which is kept nowhere. */
    secretHash: text('secret_hash').notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
    lastUsedAt: moment('last_used_at'),
    expiresAt: moment('expires_at'),
    revokedAt: moment('revoked_at'),
    /** When a rotation put another in its place. */
    replacedAt: moment('replaced_at'),
  },
  (table) => [
    uniqueIndex('api_tokens_current_name_unique')
      .on(table.name)
      .where(sql`${table.revokedAt} is null and ${table.replacedAt} is null`),
    oneOf('api_tokens_role_known', table.role, API_ROLES),
    check('api_tokens_hash_is_sha256', sql`${table.secretHash} ~ '^[0-9a-f]{64}$'`),
  ],
);
