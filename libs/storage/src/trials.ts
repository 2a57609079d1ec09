/** Reading trials. */
import { TRIAL_STATES, type TrialState } from '@kinetune/study';
import { and, asc, count, eq, inArray } from 'drizzle-orm';
import type { Database } from './database.ts';
import { configurations, trials } from './schema/index.ts';
import { trialFromRows, type Trial } from './trial.ts';
import { isUuid } from './uuid.ts';

const columns = { trial: trials, configuration: { number: configurations.number, values: configurations.values } };

/** Trials beside their configurations, to be narrowed, sorted and cut; its rows are for `trialFromRows`. */
export function selectTrials(db: Database) {
  return db.select(columns).from(trials).innerJoin(configurations, eq(configurations.id, trials.configurationId));
}

export async function findTrial(db: Database, trialId: string): Promise<Trial | undefined> {
  if (!isUuid(trialId)) return undefined;
  const [row] = await selectTrials(db).where(eq(trials.id, trialId));
  return row && trialFromRows(row.trial, row.configuration);
}

/** Trials by id; one that does not exist is missing. */
export async function findTrials(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, Trial>> {
  const known = ids.filter(isUuid);
  if (known.length === 0) return new Map();
  const rows = await selectTrials(db).where(inArray(trials.id, known));
  return new Map(rows.map(({ trial, configuration }) => [trial.id, trialFromRows(trial, configuration)]));
}

/** A study's trials by number and replicate: of the given states or all, of one configuration or all. */
export async function listTrials(
  db: Database,
  studyId: string,
  options: { readonly states?: readonly TrialState[]; readonly configurationId?: string } = {},
): Promise<readonly Trial[]> {
  const { states, configurationId } = options;
  const rows = await selectTrials(db)
    .where(
      and(
        eq(trials.studyId, studyId),
        states && inArray(trials.state, [...states]),
        configurationId === undefined ? undefined : eq(trials.configurationId, configurationId),
      ),
    )
    .orderBy(asc(configurations.number), asc(trials.replicate));
  return rows.map(({ trial, configuration }) => trialFromRows(trial, configuration));
}

export type TrialCounts = Readonly<Record<TrialState, number>>;

/** How many trials of a study are in each state. */
export async function countTrials(db: Database, studyId: string): Promise<TrialCounts> {
  return (await countTrialsOf(db, [studyId])).get(studyId) as TrialCounts;
}

/** The same of many studies, by id, in one query. */
export async function countTrialsOf(
  db: Database,
  studyIds: readonly string[],
): Promise<ReadonlyMap<string, TrialCounts>> {
  const rows = await db
    .select({ studyId: trials.studyId, state: trials.state, trials: count() })
    .from(trials)
    .where(inArray(trials.studyId, [...studyIds]))
    .groupBy(trials.studyId, trials.state);
  return new Map(
    studyIds.map((studyId) => {
      const counts = Object.fromEntries(TRIAL_STATES.map((state) => [state, 0])) as Record<TrialState, number>;
      for (const row of rows) if (row.studyId === studyId) counts[row.state] = row.trials;
      return [studyId, counts];
    }),
  );
}
