/** Cursors of connections that the database sorts: where a row stands in the order, which must be the same on the next page. */
import type { KeysetPosition } from '@kinetune/storage';
import { GraphQLError } from 'graphql';

export interface CursorForm {
  readonly key: 'number' | 'moment' | 'text' | 'hyperparameter';
  /** What tells rows of the same key apart. */
  readonly place: readonly ('integer' | 'text')[];
}

export function cursorOf({ key, place }: KeysetPosition): string {
  return Buffer.from(JSON.stringify([key, ...place])).toString('base64url');
}

/** @throws GraphQLError for a cursor of another connection or another order. */
export function positionOf(cursor: string, form: CursorForm): KeysetPosition {
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
  if (!Array.isArray(parts) || parts.length !== 1 + form.place.length) return refuse();
  const [key, ...place] = parts as readonly unknown[];
  if (key !== null && !IS_KEY[form.key](key)) return refuse();
  if (!place.every((part, index) => (form.place[index] === 'text' ? isText(part) : isInt32(part)))) return refuse();
  return { key, place } as KeysetPosition;
}

const IS_KEY: Readonly<Record<CursorForm['key'], (key: unknown) => boolean>> = {
  number: (key) => typeof key === 'number',
  moment: (key) => typeof key === 'string' && !Number.isNaN(Date.parse(key)),
  text: isText,
  hyperparameter: (key) => typeof key === 'number' || typeof key === 'boolean' || isText(key),
};

/** The database's text, which holds no zero character. */
function isText(value: unknown): boolean {
  return typeof value === 'string' && !value.includes('\0');
}

/** The database's integers; beyond them it would answer with an error of its own. */
function isInt32(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(value as number) < 2 ** 31;
}
