/** Pages by keyset: from a row on, in the order of a key and then of the row's place; rows without the key come last. */
import type { HyperparameterValue } from '@kinetune/study';
import { and, asc, desc, isNull, or, sql, type AnyColumn, type SQL, type SQLWrapper } from 'drizzle-orm';

export interface Keyset {
  readonly key: KeysetKey;
  /** What tells rows of the same key apart, compared in this order. */
  readonly place: readonly AnyColumn[];
}

/** What rows are sorted by, and the SQL type that a value of it is compared as. */
export interface KeysetKey {
  readonly expression: SQLWrapper;
  readonly type: 'double precision' | 'timestamptz' | 'text' | 'jsonb';
}

/** Where a row stands: its key (null sorts last, whatever the direction; a moment as ISO 8601) and its place. */
export interface KeysetPosition {
  readonly key: HyperparameterValue | null;
  readonly place: readonly (number | string)[];
}

export interface KeysetPage {
  readonly isDescending: boolean;
  readonly after?: KeysetPosition | undefined;
  readonly before?: KeysetPosition | undefined;
  /** From the end backwards: the last page, its last row first. */
  readonly isReversed: boolean;
}

export function keysetOrder({ key, place }: Keyset, { isDescending, isReversed }: KeysetPage): readonly SQL[] {
  const direction = isReversed ? desc : asc;
  const { expression } = key;
  return [
    isReversed ? sql`${expression} is null desc` : sql`${expression} is null`,
    isDescending !== isReversed ? desc(expression) : asc(expression),
    ...place.map((column) => direction(column)),
  ];
}

export function withinKeyset(keyset: Keyset, { isDescending, after, before }: KeysetPage): SQL | undefined {
  return and(
    after && beyond(keyset, after, { isDescending, isAfter: true }),
    before && beyond(keyset, before, { isDescending, isAfter: false }),
  );
}

/** Strictly after, or strictly before, a position. */
function beyond(
  { key: { expression, type }, place }: Keyset,
  position: KeysetPosition,
  { isDescending, isAfter }: { readonly isDescending: boolean; readonly isAfter: boolean },
): SQL | undefined {
  const columns = sql.join([...place], sql`, `);
  const given = sql.join(
    place.map((column, index) => sql`${position.place[index]}::${sql.raw(column.getSQLType())}`),
    sql`, `,
  );
  const isBeyondPlace = isAfter ? sql`(${columns}) > (${given})` : sql`(${columns}) < (${given})`;
  if (position.key === null) {
    return isAfter ? and(isNull(expression), isBeyondPlace) : or(sql`${expression} is not null`, isBeyondPlace);
  }
  const value = sql`${type === 'jsonb' ? JSON.stringify(position.key) : position.key}::${sql.raw(type)}`;
  const isBeyondKey = isDescending === isAfter ? sql`${expression} < ${value}` : sql`${expression} > ${value}`;
  return or(isBeyondKey, and(sql`${expression} = ${value}`, isBeyondPlace), isAfter ? isNull(expression) : undefined);
}
