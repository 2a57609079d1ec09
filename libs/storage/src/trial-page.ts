/** Pages of studies' trials, filtered and sorted by the database. */
import type { TrialState } from '@kinetune/study';
import { and, asc, count, eq, gte, inArray, lte, sql, type SQL } from 'drizzle-orm';
import type { Database } from './database.ts';
import { hyperparameterValue, matchesHyperparameters, type HyperparameterFilter } from './hyperparameter-filter.ts';
import { keysetOrder, withinKeyset, type KeysetKey, type KeysetPage, type KeysetPosition } from './keyset.ts';
import { configurations, studies, trials } from './schema/index.ts';
import { trialFromRows, type Trial } from './trial.ts';

/** Columns of the trial, and any hyperparameter of its configuration. */
export const TRIAL_SORT_KEYS = [
  'number',
  'bestValue',
  'weightCount',
  'startedAt',
  'finishedAt',
  'hyperparameter',
] as const;
export type TrialSortKey = (typeof TRIAL_SORT_KEYS)[number];

export interface TrialFilter {
  readonly states?: readonly TrialState[];
  /** The objective at the best step, both ends included. */
  readonly bestValue?: { readonly minimum?: number; readonly maximum?: number };
  readonly hyperparameters?: readonly HyperparameterFilter[];
}

/** Hyperparameters sort as numbers, as text or as false before true; a configuration that lacks it comes last. */
export type TrialOrder = { readonly isDescending: boolean } & (
  | { readonly by: Exclude<TrialSortKey, 'hyperparameter'> }
  /** `hyperparameter`: full name. */
  | { readonly by: 'hyperparameter'; readonly hyperparameter: string }
);

export interface TrialPageOptions extends Omit<KeysetPage, 'isDescending'> {
  readonly filter: TrialFilter;
  readonly order: TrialOrder;
  readonly limit: number;
}

const KEYS: Readonly<Record<Exclude<TrialSortKey, 'hyperparameter'>, KeysetKey>> = {
  number: { expression: configurations.number, type: 'double precision' },
  bestValue: { expression: trials.bestValue, type: 'double precision' },
  weightCount: { expression: trials.weightCount, type: 'double precision' },
  startedAt: { expression: trials.startedAt, type: 'timestamptz' },
  finishedAt: { expression: trials.finishedAt, type: 'timestamptz' },
};

function keyOf(order: TrialOrder): KeysetKey {
  return order.by === 'hyperparameter'
    ? { expression: hyperparameterValue(order.hyperparameter), type: 'jsonb' }
    : KEYS[order.by];
}

/** In the order asked for; reversed where `isReversed`. */
export async function trialPage(db: Database, studyId: string, options: TrialPageOptions): Promise<readonly Trial[]> {
  return (await trialPages(db, [studyId], options)).get(studyId) ?? [];
}

/** The same page of many studies in one query, by study; one whose page is empty is missing. */
export async function trialPages(
  db: Database,
  studyIds: readonly string[],
  { filter, order, limit, ...ends }: TrialPageOptions,
): Promise<ReadonlyMap<string, readonly Trial[]>> {
  const keyset = { key: keyOf(order), place: [configurations.number, trials.replicate] };
  const page = { ...ends, isDescending: order.isDescending };
  const sorted = keysetOrder(keyset, page);
  const place = sql<number>`row_number() over (order by ${sql.join([...sorted], sql`, `)})`.as('place');
  const found = db
    .select({ trialId: sql<string>`${trials.id}`.as('trial_id'), place })
    .from(trials)
    .innerJoin(configurations, eq(configurations.id, trials.configurationId))
    .where(and(eq(trials.studyId, studies.id), matches(filter), withinKeyset(keyset, page)))
    .orderBy(...sorted)
    .limit(limit)
    .as('page');
  const rows = await db
    .select({ trial: trials, configuration: { number: configurations.number, values: configurations.values } })
    .from(studies)
    .innerJoinLateral(found, sql`true`)
    .innerJoin(trials, eq(trials.id, found.trialId))
    .innerJoin(configurations, eq(configurations.id, trials.configurationId))
    .where(inArray(studies.id, [...studyIds]))
    .orderBy(asc(found.place));
  return Map.groupBy(
    rows.map(({ trial, configuration }) => trialFromRows(trial, configuration)),
    ({ studyId }) => studyId,
  );
}

export async function countTrialsMatching(db: Database, studyId: string, filter: TrialFilter): Promise<number> {
  return (await countTrialsMatchingOf(db, [studyId], filter)).get(studyId) ?? 0;
}

/** The same of many studies, by study; one without a match is missing. */
export async function countTrialsMatchingOf(
  db: Database,
  studyIds: readonly string[],
  filter: TrialFilter,
): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .select({ studyId: trials.studyId, trials: count() })
    .from(trials)
    .innerJoin(configurations, eq(configurations.id, trials.configurationId))
    .where(and(inArray(trials.studyId, [...studyIds]), matches(filter)))
    .groupBy(trials.studyId);
  return new Map(rows.map((row) => [row.studyId, row.trials]));
}

/** A trial's position in an order, to go on from it. */
export function trialPosition(trial: Trial, order: TrialOrder): KeysetPosition {
  const key = order.by === 'hyperparameter' ? (trial.values[order.hyperparameter] ?? null) : trial[order.by];
  return { key: key instanceof Date ? key.toISOString() : key, place: [trial.number, trial.replicate] };
}

function matches({ states, bestValue, hyperparameters = [] }: TrialFilter): SQL | undefined {
  return and(
    states && inArray(trials.state, [...states]),
    bestValue?.minimum === undefined ? undefined : gte(trials.bestValue, bestValue.minimum),
    bestValue?.maximum === undefined ? undefined : lte(trials.bestValue, bestValue.maximum),
    ...matchesHyperparameters(hyperparameters),
  );
}
