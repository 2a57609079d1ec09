/** Cursors of connections that the database sorts: where a row stands in the order, which must be the same on the next page. */
import type { KeysetPosition } from '@kinetune/storage';
import { GraphQLError } from 'graphql';

export interface CursorForm {
  /** Whole numbers that tell rows of the same key apart. */
  readonly placeLength: number;
  /** The key is a moment and not a number. */
  readonly isMoment: boolean;
}

export function cursorOf({ key, place }: KeysetPosition): string {
  return Buffer.from(JSON.stringify([key, ...place])).toString('base64url');
}

/** @throws GraphQLError for a cursor of another connection or another order. */
export function positionOf(cursor: string, { placeLength, isMoment }: CursorForm): KeysetPosition {
  const refuse = (): never => {
    throw new GraphQLError(`expected a cursor of this connection in the same order, got ${cursor.slice(0, 60)}`, {
      extensions: { code: 'BAD_USER_INPUT' },
    });
  };
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return refuse();
  }
  if (!Array.isArray(parts) || parts.length !== 1 + placeLength) return refuse();
  const [key, ...place] = parts as readonly unknown[];
  const isKey =
    key === null || (isMoment ? typeof key === 'string' && !Number.isNaN(Date.parse(key)) : typeof key === 'number');
  if (!isKey || !place.every((number) => isInt32(number))) return refuse();
  return { key: key as KeysetPosition['key'], place: place as readonly number[] };
}

/** The database's integers; beyond them it would answer with an error of its own. */
function isInt32(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(value as number) < 2 ** 31;
}
