/** Making tokens, putting others in their place, ending them. */
import { randomUUID } from 'node:crypto';
import { didYouMean, InputError } from '@kinetune/study';
import { and, asc, eq, isNull, lt, or, sql } from 'drizzle-orm';
import { createApiSecret, hashApiSecret } from './api-secret.ts';
import type { ApiRole, ApiToken } from './api-token.ts';
import type { Database } from './database.ts';
import { apiTokens } from './schema/index.ts';
import { withStorageFailures } from './storage-failure.ts';

export interface NewApiToken {
  readonly name: string;
  readonly role: ApiRole;
  readonly expiresAt: Date | null;
}

export interface CreatedApiToken {
  readonly token: ApiToken;
  /** Shown once: nothing can give it again. */
  readonly secret: string;
}

/** What a server needs to know of a token to let its bearer in. */
export interface ApiCredential extends Pick<ApiToken, 'id' | 'name' | 'role'> {
  readonly secretHash: string;
  readonly isExpired: boolean;
}

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,63}$/u;
const isCurrent = and(isNull(apiTokens.revokedAt), isNull(apiTokens.replacedAt));

/** @throws InputError for a name that a current token has, or that is no name. */
export async function createApiToken(db: Database, { name, role, expiresAt }: NewApiToken): Promise<CreatedApiToken> {
  if (!NAME.test(name))
    throw fieldRefusal(
      'bad-token-name',
      'name',
      `expected a token's name of at most 64 letters, digits, spaces and ._@-, got ${JSON.stringify(name.slice(0, 100))}`,
    );
  if (expiresAt !== null && expiresAt.getTime() <= Date.now())
    throw fieldRefusal(
      'bad-token-expiry',
      'expiresAt',
      `expected a token that is valid for a while, got one that expires at ${expiresAt.toISOString()}, which is past`,
    );
  return withStorageFailures(() => insert(db, { name, role, expiresAt }));
}

async function insert(db: Database, token: NewApiToken): Promise<CreatedApiToken> {
  const id = randomUUID();
  const secret = createApiSecret(id);
  const [row] = await db
    .insert(apiTokens)
    .values({ id, ...token, secretHash: hashApiSecret(secret) })
    .onConflictDoNothing()
    .returning();
  if (row === undefined)
    throw fieldRefusal(
      'token-exists',
      'name',
      `expected a new name for a token, got ${token.name}: rotate that token for a new secret, or revoke it first`,
    );
  return { token: fromRow(row), secret };
}

/**
 * A new secret of the same name and role; the old one is valid for another `graceMs`, or until it would have expired anyway. The new
 * one lasts as long as the old was made to.
 * @throws InputError where no current token has the name.
 */
export async function rotateApiToken(
  db: Database,
  name: string,
  { graceMs, now }: { readonly graceMs: number; readonly now: Date },
): Promise<CreatedApiToken> {
  return withStorageFailures(() =>
    db.transaction(async (tx) => {
      const [old] = await tx
        .select()
        .from(apiTokens)
        .where(and(eq(apiTokens.name, name), isCurrent))
        .for('update');
      if (old === undefined) throw await unknownToken(tx, name);
      await tx
        .update(apiTokens)
        .set({
          replacedAt: sql`now()`,
          expiresAt: sql`least(${apiTokens.expiresAt}, now() + ${graceMs} * interval '1 millisecond')`,
        })
        .where(eq(apiTokens.id, old.id));
      const lifetimeMs = old.expiresAt === null ? null : old.expiresAt.getTime() - old.createdAt.getTime();
      return insert(tx, {
        name,
        role: old.role,
        expiresAt: lifetimeMs === null ? null : new Date(now.getTime() + lifetimeMs),
      });
    }),
  );
}

/**
 * Ends every token of the name, those in their time of grace too; returns how many.
 * @throws InputError where none of the name is left.
 */
export async function revokeApiTokens(db: Database, name: string): Promise<number> {
  return withStorageFailures(async () => {
    const revoked = await db
      .update(apiTokens)
      .set({ revokedAt: sql`now()` })
      .where(and(eq(apiTokens.name, name), isNull(apiTokens.revokedAt)))
      .returning({ id: apiTokens.id });
    if (revoked.length === 0) throw await unknownToken(db, name);
    return revoked.length;
  });
}

async function unknownToken(db: Database, name: string): Promise<InputError> {
  const rows = await db.select({ name: apiTokens.name }).from(apiTokens).where(isCurrent).orderBy(asc(apiTokens.name));
  const names = rows.map((row) => row.name);
  return new InputError(
    'unknown-token',
    `expected the name of a token, got ${name}.${didYouMean(name, names)}${names.length === 0 ? ' There is none.' : ` There are: ${names.join(', ')}.`}`,
  );
}

/** All that ever were, by name and age. */
export async function listApiTokens(db: Database): Promise<readonly ApiToken[]> {
  const rows = await db.select().from(apiTokens).orderBy(asc(apiTokens.name), asc(apiTokens.createdAt));
  return rows.map(fromRow);
}

/** Those that are not revoked, as they are by the database's clock, which all servers share. */
export async function listApiCredentials(db: Database): Promise<readonly ApiCredential[]> {
  const { id, name, role, secretHash, expiresAt } = apiTokens;
  const isExpired = sql<boolean>`coalesce(${expiresAt} <= now(), false)`;
  return withStorageFailures(() =>
    db.select({ id, name, role, secretHash, isExpired }).from(apiTokens).where(isNull(apiTokens.revokedAt)),
  );
}

/** Notes that a token is used, at most once a minute. */
export async function noteApiTokenUse(db: Database, id: string): Promise<void> {
  const isOld = or(isNull(apiTokens.lastUsedAt), lt(apiTokens.lastUsedAt, sql`now() - interval '1 minute'`));
  await db
    .update(apiTokens)
    .set({ lastUsedAt: sql`now()` })
    .where(and(eq(apiTokens.id, id), isOld));
}

function fromRow({ secretHash: _, ...token }: typeof apiTokens.$inferSelect): ApiToken {
  return token;
}

function fieldRefusal(code: string, field: string, message: string): InputError {
  return new InputError(code, message, { problems: [{ field: [field], message }] });
}
