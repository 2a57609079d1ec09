/** Pages by keyset: from a row on, in the order of a key and then of the row's place; rows without the key come last. */
import { and, asc, desc, eq, gt, isNull, lt, or, sql, type AnyColumn, type SQL } from 'drizzle-orm';

export interface Keyset {
  readonly key: AnyColumn;
  /** What tells rows of the same key apart, compared in this order. */
  readonly place: readonly AnyColumn[];
}

/** Where a row stands: its key (null sorts last, whatever the direction) and its place, all whole numbers. */
export interface KeysetPosition {
  readonly key: number | string | null;
  readonly place: readonly number[];
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
  return [
    isReversed ? sql`${key} is null desc` : sql`${key} is null`,
    isDescending !== isReversed ? desc(key) : asc(key),
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
  { key, place }: Keyset,
  position: KeysetPosition,
  { isDescending, isAfter }: { readonly isDescending: boolean; readonly isAfter: boolean },
): SQL | undefined {
  const columns = sql.join([...place], sql`, `);
  const given = sql.join(
    position.place.map((number) => sql`${number}::integer`),
    sql`, `,
  );
  const isBeyondPlace = isAfter ? sql`(${columns}) > (${given})` : sql`(${columns}) < (${given})`;
  if (position.key === null) {
    return isAfter ? and(isNull(key), isBeyondPlace) : or(sql`${key} is not null`, isBeyondPlace);
  }
  const value = (typeof position.key === 'string' ? new Date(position.key) : position.key) as never;
  const isBeyondKey = isDescending === isAfter ? lt(key, value) : gt(key, value);
  return or(isBeyondKey, and(eq(key, value), isBeyondPlace), isAfter ? isNull(key) : undefined);
}
