/**
 * The secret of a token: `kt_<id>_<256 random bits>`. The id finds the row, the hash of the whole proves it. SHA-256 without salt or
 * stretching is enough for what is random: nobody can try 2^256 of them.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a log or a page must never hold. */
export const API_SECRET_PATTERN = /kt_[0-9a-f]{32}_[\w-]{43}/g;

const WHOLE = /^kt_([0-9a-f]{32})_[\w-]{43}$/;

/** A new secret of the token `id`, a UUID. */
export function createApiSecret(id: string): string {
  return `kt_${id.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`;
}

export function hashApiSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** The UUID of the token whose secret this claims to be; undefined for what has not the form of one. */
export function idOfApiSecret(secret: string): string | undefined {
  const digits = WHOLE.exec(secret)?.[1];
  return digits?.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

/** Whether `hash` is the secret's, in a time that does not tell how much of it is right. */
export function matchesApiSecret(secret: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashApiSecret(secret), 'hex'), Buffer.from(hash, 'hex'));
}
