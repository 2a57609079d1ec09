/** What analysis reads of a study's trials, all of them at once. */
import { and, eq, inArray, or, sql } from 'drizzle-orm';
import { changedTrials } from './changed-trials.ts';
import type { Database } from './database.ts';
import { configurations, trials } from './schema/index.ts';
import type { Trial } from './trial.ts';

/** A trial's outcome, without where and how it ran. */
export interface TrialResult extends Pick<
  Trial,
  | 'id'
  | 'configurationId'
  | 'number'
  | 'replicate'
  | 'values'
  | 'seed'
  | 'fold'
  | 'state'
  | 'reasonCode'
  | 'reason'
  | 'weightCount'
  | 'totalSteps'
  | 'totalEpochs'
  | 'lastStep'
  | 'bestStep'
  | 'bestValue'
  | 'earlierRunningMs'
> {
  /** The findings of its diagnosis alone: the checks behind them are ten times as long. */
  readonly diagnosis: Readonly<Record<string, unknown>> | null;
}

export interface TrialResultsOptions {
  /** Those alone that may have changed after this sequence of the study's. */
  readonly changedAfter?: number | undefined;
}

/** By number and replicate. The database gathers them into one row: 10,000 trials take a tenth of the time of 10,000 rows. */
export async function listTrialResults(
  db: Database,
  studyId: string,
  { changedAfter }: TrialResultsOptions = {},
): Promise<readonly TrialResult[]> {
  // The measurements of a running trial change it without a word.
  const changed =
    changedAfter === undefined
      ? undefined
      : or(eq(trials.state, 'RUNNING'), inArray(trials.id, changedTrials(db, studyId, changedAfter)));
  const rows = await db
    .select({
      results: sql<readonly Row[] | null>`json_agg(json_build_array(
        ${trials.id}, ${trials.configurationId}, ${configurations.number}, ${trials.replicate}, ${configurations.values},
        ${trials.seed}, ${trials.fold}, ${trials.state}, ${trials.reasonCode}, ${trials.reason}, ${trials.weightCount}, ${trials.totalSteps}, ${trials.totalEpochs},
        ${trials.lastStep}, ${trials.bestStep}, ${trials.bestValue}, ${trials.earlierRunningMs},
        ${trials.diagnosis} -> 'findings'
      ) order by ${configurations.number}, ${trials.replicate})`,
    })
    .from(trials)
    .innerJoin(configurations, eq(configurations.id, trials.configurationId))
    .where(and(eq(trials.studyId, studyId), changed));
  return (rows[0]?.results ?? []).map(resultOf);
}

type Result = TrialResult;
type Row = readonly [
  id: string,
  configurationId: string,
  number: number,
  replicate: number,
  values: Result['values'],
  seed: number,
  fold: number,
  state: Result['state'],
  reasonCode: string | null,
  reason: string | null,
  weightCount: number | null,
  totalSteps: number | null,
  totalEpochs: number | null,
  lastStep: number | null,
  bestStep: number | null,
  bestValue: number | null,
  earlierRunningMs: number,
  findings: unknown,
];

function resultOf(row: Row): TrialResult {
  const [id, configurationId, number, replicate, values, seed, fold, state, reasonCode, reason, ...numbers] = row;
  const [weightCount, totalSteps, totalEpochs, lastStep, bestStep, bestValue, earlierRunningMs, findings] = numbers;
  return {
    id,
    configurationId,
    number,
    replicate,
    values,
    seed,
    fold,
    state,
    reasonCode,
    reason,
    weightCount,
    totalSteps,
    totalEpochs,
    lastStep,
    bestStep,
    bestValue,
    earlierRunningMs,
    diagnosis: findings === null ? null : { findings },
  };
}
