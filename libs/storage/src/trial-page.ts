/** A page of a study's trials, filtered and sorted by the database. */
import type { HyperparameterValue, TrialState } from '@kinetune/study';
import { and, asc, count, desc, eq, gt, gte, inArray, isNull, lt, lte, or, sql, type SQL } from 'drizzle-orm';
import type { Database } from './database.ts';
import { configurations, trials } from './schema/index.ts';
import { trialFromRows, type Trial } from './trial.ts';
import { selectTrials } from './trials.ts';

export const TRIAL_SORT_KEYS = ['number', 'bestValue', 'weightCount', 'startedAt', 'finishedAt'] as const;
export type TrialSortKey = (typeof TRIAL_SORT_KEYS)[number];

export interface TrialFilter {
  readonly states?: readonly TrialState[];
  /** The objective at the best step, both ends included. */
  readonly bestValue?: { readonly minimum?: number; readonly maximum?: number };
  /** By full name; a trial without the hyperparameter does not match. */
  readonly hyperparameters?: readonly {
    readonly name: string;
    readonly minimum?: number;
    readonly maximum?: number;
    readonly anyOf?: readonly HyperparameterValue[];
  }[];
}

export interface TrialOrder {
  readonly by: TrialSortKey;
  readonly isDescending: boolean;
}

/** Where a trial stands in an order: its key (null sorts last, whatever the direction), then number and replicate. */
export interface TrialPosition {
  readonly key: number | string | null;
  readonly number: number;
  readonly replicate: number;
}

export interface TrialPageOptions {
  readonly filter: TrialFilter;
  readonly order: TrialOrder;
  readonly after?: TrialPosition | undefined;
  readonly before?: TrialPosition | undefined;
  readonly limit: number;
  /** From the end backwards: the last page. */
  readonly isReversed: boolean;
}

const KEYS = {
  number: configurations.number,
  bestValue: trials.bestValue,
  weightCount: trials.weightCount,
  startedAt: trials.startedAt,
  finishedAt: trials.finishedAt,
} as const;

/** In the order asked for; reversed where `isReversed`. */
export async function trialPage(db: Database, studyId: string, options: TrialPageOptions): Promise<readonly Trial[]> {
  const { filter, order, after, before, limit, isReversed } = options;
  const key = KEYS[order.by];
  const isDescending = order.isDescending !== isReversed;
  const direction = isReversed ? desc : asc;
  const rows = await selectTrials(db)
    .where(
      and(
        matches(studyId, filter),
        after && beyond(after, order, { isAfter: true }),
        before && beyond(before, order, { isAfter: false }),
      ),
    )
    .orderBy(
      isReversed ? sql`${key} is null desc` : sql`${key} is null`,
      isDescending ? desc(key) : asc(key),
      direction(configurations.number),
      direction(trials.replicate),
    )
    .limit(limit);
  return rows.map(({ trial, configuration }) => trialFromRows(trial, configuration));
}

export async function countTrialsMatching(db: Database, studyId: string, filter: TrialFilter): Promise<number> {
  const [row] = await db
    .select({ trials: count() })
    .from(trials)
    .innerJoin(configurations, eq(configurations.id, trials.configurationId))
    .where(matches(studyId, filter));
  return row?.trials ?? 0;
}

/** A trial's position in an order, to go on from it. */
export function trialPosition(trial: Trial, { by }: TrialOrder): TrialPosition {
  const key = trial[by];
  return { key: key instanceof Date ? key.toISOString() : key, number: trial.number, replicate: trial.replicate };
}

function matches(studyId: string, { states, bestValue, hyperparameters = [] }: TrialFilter): SQL | undefined {
  return and(
    eq(trials.studyId, studyId),
    states && inArray(trials.state, [...states]),
    bestValue?.minimum === undefined ? undefined : gte(trials.bestValue, bestValue.minimum),
    bestValue?.maximum === undefined ? undefined : lte(trials.bestValue, bestValue.maximum),
    ...hyperparameters.flatMap(({ name, minimum, maximum, anyOf }) => {
      const value = sql`${configurations.values} -> ${name}::text`;
      const number = sql`case when jsonb_typeof(${value}) = 'number' then (${value})::text::double precision end`;
      return [
        sql`${value} is not null`,
        minimum === undefined ? undefined : sql`${number} >= ${minimum}::double precision`,
        maximum === undefined ? undefined : sql`${number} <= ${maximum}::double precision`,
        anyOf === undefined
          ? undefined
          : anyOf.length === 0
            ? sql`false`
            : or(...anyOf.map((one) => sql`${value} = ${JSON.stringify(one)}::jsonb`)),
      ];
    }),
  );
}

/** Strictly after, or strictly before, a position: the rows of its key come by number and replicate, those without a key last. */
function beyond(
  position: TrialPosition,
  { by, isDescending }: TrialOrder,
  { isAfter }: { readonly isAfter: boolean },
): SQL | undefined {
  const key = KEYS[by];
  const place = sql`(${configurations.number}, ${trials.replicate})`;
  const given = sql`(${position.number}::integer, ${position.replicate}::integer)`;
  const isBeyondPlace = isAfter ? sql`${place} > ${given}` : sql`${place} < ${given}`;
  if (position.key === null) {
    return isAfter ? and(isNull(key), isBeyondPlace) : or(sql`${key} is not null`, isBeyondPlace);
  }
  const value = (typeof position.key === 'string' ? new Date(position.key) : position.key) as never;
  const isBeyondKey = isDescending === isAfter ? lt(key, value) : gt(key, value);
  return or(isBeyondKey, and(eq(key, value), isBeyondPlace), isAfter ? isNull(key) : undefined);
}
