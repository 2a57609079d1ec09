import { describe, expect, it } from 'vitest';
import { API_SECRET_PATTERN, idOfApiSecret, matchesApiSecret } from '../api-secret.ts';
import {
  createApiToken,
  listApiTokens,
  listApiCredentials,
  noteApiTokenUse,
  revokeApiTokens,
  rotateApiToken,
} from '../api-tokens.ts';
import type { DatabaseOf } from './describe-storage.ts';

const HOUR_MS = 3_600_000;

export function describeApiTokens(databaseOf: DatabaseOf): void {
  describe('tokens', () => {
    const now = new Date();
    const isValid = async (secret: string): Promise<boolean> =>
      (await listApiCredentials(databaseOf())).some(
        ({ id, secretHash, isExpired }) =>
          !isExpired && id === idOfApiSecret(secret) && matchesApiSecret(secret, secretHash),
      );

    it('are proved by a secret of which the database holds the hash alone', async () => {
      const db = databaseOf();
      const { token, secret } = await createApiToken(db, { name: 'ann', role: 'viewer', expiresAt: null });
      expect(secret.match(API_SECRET_PATTERN)).toEqual([secret]);
      expect(token).toMatchObject({ name: 'ann', role: 'viewer', lastUsedAt: null, revokedAt: null });
      expect(await isValid(secret)).toBe(true);
      expect(await isValid(`${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`)).toBe(false);
      expect(JSON.stringify([await listApiTokens(db), await listApiCredentials(db)])).not.toContain(secret.slice(-43));
      await expect(createApiToken(db, { name: 'ann', role: 'editor', expiresAt: null })).rejects.toMatchObject({
        code: 'token-exists',
      });
      await expect(createApiToken(db, { name: 'a\nb', role: 'editor', expiresAt: null })).rejects.toMatchObject({
        code: 'bad-token-name',
      });
    });

    it('that are rotated keep their name, role and lifetime; the old secret ends at once or after its grace', async () => {
      const db = databaseOf();
      const expiresAt = new Date(now.getTime() + 5 * HOUR_MS);
      const first = await createApiToken(db, { name: 'bob', role: 'editor', expiresAt });
      const second = await rotateApiToken(db, 'bob', { graceMs: HOUR_MS, now });
      expect(second.token).toMatchObject({ name: 'bob', role: 'editor' });
      expect((second.token.expiresAt as Date).getTime() - now.getTime()).toBeGreaterThan(4 * HOUR_MS);
      expect([await isValid(first.secret), await isValid(second.secret)]).toEqual([true, true]);
      const third = await rotateApiToken(db, 'bob', { graceMs: 0, now });
      const valid = await Promise.all([first, second, third].map(({ secret }) => isValid(secret)));
      expect(valid).toEqual([true, false, true]);
      await expect(rotateApiToken(db, 'bo', { graceMs: 0, now })).rejects.toThrow('Did you mean');
    });

    it('that are revoked end with those of their name, whose name is free then', async () => {
      const db = databaseOf();
      const first = await createApiToken(db, { name: 'eve', role: 'viewer', expiresAt: null });
      const second = await rotateApiToken(db, 'eve', { graceMs: HOUR_MS, now });
      expect(await revokeApiTokens(db, 'eve')).toBe(2);
      expect([await isValid(first.secret), await isValid(second.secret)]).toEqual([false, false]);
      await expect(revokeApiTokens(db, 'eve')).rejects.toMatchObject({ code: 'unknown-token' });
      await createApiToken(db, { name: 'eve', role: 'editor', expiresAt: null });
    });

    it('that have expired are not valid; the use of those that are is noted', async () => {
      const db = databaseOf();
      const short = (lifeMs: number) =>
        createApiToken(db, { name: 'old', role: 'viewer', expiresAt: new Date(Date.now() + lifeMs) });
      await expect(short(-1)).rejects.toMatchObject({ code: 'bad-token-expiry', problems: [{ field: ['expiresAt'] }] });
      const old = await short(200);
      await expect.poll(() => isValid(old.secret)).toBe(false);
      await noteApiTokenUse(db, old.token.id);
      const used = (await listApiTokens(db)).find(({ name }) => name === 'old');
      expect(used?.lastUsedAt).toBeInstanceOf(Date);
    });
  });
}
