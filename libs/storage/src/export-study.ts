/** Reading a study to write it down elsewhere: as it is at one moment, and never all of its measurements at once. */
import type { EpochDetail } from '@kinetune/study';
import { asc, eq, inArray } from 'drizzle-orm';
import { listConfigurations } from './configurations.ts';
import type { Database } from './database.ts';
import type { Evaluation } from './evaluation.ts';
import type { ConfigurationRecord } from './import-study.ts';
import { evaluations, measurements } from './schema/index.ts';
import { withStorageFailures } from './storage-failure.ts';
import type { Trial } from './trial.ts';
import { listTrials } from './trials.ts';

export interface StoredMeasurement {
  readonly step: number;
  readonly epoch: number;
  /** In the order of the study's metrics; null where a value is not finite. */
  readonly values: readonly (number | null)[];
  readonly detail: EpochDetail | null;
  readonly recordedAt: Date;
}

/** Runs `work` on a database that stands still: what others write meanwhile is not seen. */
export async function atOneMoment<T>(db: Database, work: (db: Database) => Promise<T>): Promise<T> {
  return withStorageFailures(() =>
    db.transaction((tx) => work(tx), { isolationLevel: 'repeatable read', accessMode: 'read only' }),
  );
}

/** Configurations by number, each with its trials by replicate; without their measurements. */
export async function listWithTrials(
  db: Database,
  studyId: string,
): Promise<readonly (Omit<ConfigurationRecord, 'trials'> & { readonly trials: readonly Trial[] })[]> {
  const byConfiguration = Map.groupBy(await listTrials(db, studyId), ({ configurationId }) => configurationId);
  return (await listConfigurations(db, studyId)).map((configuration) => ({
    ...configuration,
    trials: byConfiguration.get(configuration.id) ?? [],
  }));
}

/** Everything one trial measured, by step. */
export async function storedMeasurements(db: Database, trialId: string): Promise<readonly StoredMeasurement[]> {
  const rows = await db
    .select()
    .from(measurements)
    .where(eq(measurements.trialId, trialId))
    .orderBy(asc(measurements.step));
  return rows.map(({ trialId: _, ...measurement }) => measurement);
}

/** Every evaluation of trials, by trial: validation, and every look at the test people, oldest first. */
export async function listEvaluations(
  db: Database,
  trialIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Evaluation[]>> {
  if (trialIds.length === 0) return new Map();
  const rows = await db
    .select()
    .from(evaluations)
    .where(inArray(evaluations.trialId, [...trialIds]))
    .orderBy(asc(evaluations.evaluatedAt), asc(evaluations.split), asc(evaluations.step));
  return Map.groupBy(
    rows.map(({ id: _, ...evaluation }) => evaluation),
    ({ trialId }) => trialId,
  );
}
