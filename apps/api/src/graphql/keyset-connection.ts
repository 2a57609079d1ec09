/** Pages of connections that the database sorts: a cursor is where a row stands in the order, which must be the same on the next page. */
import type { KeysetPosition } from '@kinetune/storage';
import { resolveCursorConnection, type ResolveCursorConnectionArgs } from '@pothos/plugin-relay';
import { GraphQLError } from 'graphql';
import { PAGE_SIZE } from './builder.ts';

export interface CursorForm {
  readonly key: 'number' | 'moment' | 'text' | 'hyperparameter';
  /** What tells rows of the same key apart. */
  readonly place: readonly ('integer' | 'text')[];
}

/** Where a page begins and ends, for the database. */
export interface PageEnds {
  readonly after: KeysetPosition | undefined;
  readonly before: KeysetPosition | undefined;
  readonly limit: number;
  /** From the end backwards. */
  readonly isReversed: boolean;
}

export interface KeysetConnection<Row> {
  readonly form: CursorForm;
  readonly placeOf: (row: Row) => KeysetPosition;
  readonly load: (ends: PageEnds) => Promise<readonly Row[]>;
}

type PageArguments = Parameters<typeof resolveCursorConnection>[0]['args'];

/** @throws GraphQLError for a cursor of another connection or another order. */
export function keysetPage<Row extends object>(args: PageArguments, { form, placeOf, load }: KeysetConnection<Row>) {
  const position = (cursor: string | undefined): KeysetPosition | undefined =>
    cursor === undefined ? undefined : positionOf(cursor, form);
  return resolveCursorConnection(
    {
      args,
      defaultSize: PAGE_SIZE.default,
      maxSize: PAGE_SIZE.most,
      toCursor: (row: Row) => cursorOf(placeOf(row)),
    },
    async ({ after, before, limit, inverted }: ResolveCursorConnectionArgs) => [
      ...(await load({ after: position(after), before: position(before), limit, isReversed: inverted })),
    ],
  );
}

/** What a page costs: as many as are asked for, or as there can be. */
export function pageComplexity({ first, last }: PageArguments): {
  readonly field: number;
  readonly multiplier: number;
} {
  return { field: 1, multiplier: Math.min(first ?? last ?? PAGE_SIZE.default, PAGE_SIZE.most) };
}

function cursorOf({ key, place }: KeysetPosition): string {
  return Buffer.from(JSON.stringify([key, ...place])).toString('base64url');
}

function positionOf(cursor: string, form: CursorForm): KeysetPosition {
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
