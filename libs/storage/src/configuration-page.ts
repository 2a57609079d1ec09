/** Pages of studies' configurations, filtered and sorted by the database. */
import type { TrialState } from '@kinetune/study';
import { and, asc, count, eq, exists, gte, inArray, lte, sql, type SQL } from 'drizzle-orm';
import { configurationFromRow, type Configuration } from './configuration.ts';
import type { Database } from './database.ts';
import { matchesHyperparameters, type HyperparameterFilter } from './hyperparameter-filter.ts';
import { keysetOrder, withinKeyset, type KeysetKey, type KeysetPage, type KeysetPosition } from './keyset.ts';
import { configurations, studies, trials } from './schema/index.ts';

export const CONFIGURATION_SORT_KEYS = ['number', 'objective', 'createdAt'] as const;
export type ConfigurationSortKey = (typeof CONFIGURATION_SORT_KEYS)[number];

export interface ConfigurationFilter {
  /** With a trial in one of these states. */
  readonly states?: readonly TrialState[];
  /** Both ends included. */
  readonly objective?: { readonly minimum?: number; readonly maximum?: number };
  readonly hyperparameters?: readonly HyperparameterFilter[];
}

export interface ConfigurationPageOptions extends KeysetPage {
  readonly filter: ConfigurationFilter;
  readonly by: ConfigurationSortKey;
  readonly limit: number;
}

const KEYS: Readonly<Record<ConfigurationSortKey, KeysetKey>> = {
  number: { expression: configurations.number, type: 'double precision' },
  objective: { expression: configurations.objective, type: 'double precision' },
  createdAt: { expression: configurations.createdAt, type: 'timestamptz' },
};

/** Of many studies in one query, by study, in the order asked for; a study whose page is empty is missing. */
export async function configurationPages(
  db: Database,
  studyIds: readonly string[],
  { filter, by, limit, ...page }: ConfigurationPageOptions,
): Promise<ReadonlyMap<string, readonly Configuration[]>> {
  const keyset = { key: KEYS[by], place: [configurations.number] };
  const sorted = keysetOrder(keyset, page);
  const found = db
    .select({
      configurationId: sql<string>`${configurations.id}`.as('configuration_id'),
      place: sql<number>`row_number() over (order by ${sql.join([...sorted], sql`, `)})`.as('place'),
    })
    .from(configurations)
    .where(and(eq(configurations.studyId, studies.id), matches(db, filter), withinKeyset(keyset, page)))
    .orderBy(...sorted)
    .limit(limit)
    .as('page');
  const rows = await db
    .select({ configuration: configurations })
    .from(studies)
    .innerJoinLateral(found, sql`true`)
    .innerJoin(configurations, eq(configurations.id, found.configurationId))
    .where(inArray(studies.id, [...studyIds]))
    .orderBy(asc(found.place));
  return Map.groupBy(
    rows.map(({ configuration }) => configurationFromRow(configuration)),
    ({ studyId }) => studyId,
  );
}

/** How many match in each study, by study; one without a match is missing. */
export async function countConfigurationsMatching(
  db: Database,
  studyIds: readonly string[],
  filter: ConfigurationFilter,
): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .select({ studyId: configurations.studyId, configurations: count() })
    .from(configurations)
    .where(and(inArray(configurations.studyId, [...studyIds]), matches(db, filter)))
    .groupBy(configurations.studyId);
  return new Map(rows.map((row) => [row.studyId, row.configurations]));
}

export function configurationPosition(configuration: Configuration, by: ConfigurationSortKey): KeysetPosition {
  const key = configuration[by];
  return { key: key instanceof Date ? key.toISOString() : key, place: [configuration.number] };
}

function matches(db: Database, { states, objective, hyperparameters = [] }: ConfigurationFilter): SQL | undefined {
  return and(
    states &&
      exists(
        db
          .select({ one: sql`1` })
          .from(trials)
          .where(and(eq(trials.configurationId, configurations.id), inArray(trials.state, [...states]))),
      ),
    objective?.minimum === undefined ? undefined : gte(configurations.objective, objective.minimum),
    objective?.maximum === undefined ? undefined : lte(configurations.objective, objective.maximum),
    ...matchesHyperparameters(hyperparameters),
  );
}
