/** Reading a study to write it down elsewhere: as it is at one moment, and never all of its measurements at once. */
import type { EpochDetail } from '@kinetune/study';
import { and, asc, eq, getTableColumns, inArray } from 'drizzle-orm';
import { listConfigurations } from './configurations.ts';
import type { Database } from './database.ts';
import type { ConfigurationRecord } from './import-study.ts';
import { measurements, trials } from './schema/index.ts';
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

export type ConfigurationWithTrials = Omit<ConfigurationRecord, 'trials'> & { readonly trials: readonly Trial[] };

/** Configurations by number, each with its trials by replicate; without their measurements. */
export async function listWithTrials(db: Database, studyId: string): Promise<readonly ConfigurationWithTrials[]> {
  const byConfiguration = Map.groupBy(await listTrials(db, studyId), ({ configurationId }) => configurationId);
  return (await listConfigurations(db, studyId)).map((configuration) => ({
    ...configuration,
    trials: byConfiguration.get(configuration.id) ?? [],
  }));
}

/** What trials measured, by trial, in the order of their steps: all of it, or at their best step alone. */
export async function storedMeasurements(
  db: Database,
  trialIds: readonly string[],
  { isBestAlone = false }: { readonly isBestAlone?: boolean } = {},
): Promise<ReadonlyMap<string, readonly StoredMeasurement[]>> {
  if (trialIds.length === 0) return new Map();
  const rows = await db
    .select(getTableColumns(measurements))
    .from(measurements)
    .innerJoin(trials, eq(trials.id, measurements.trialId))
    .where(
      and(
        inArray(measurements.trialId, [...trialIds]),
        isBestAlone ? eq(measurements.step, trials.bestStep) : undefined,
      ),
    )
    .orderBy(asc(measurements.trialId), asc(measurements.step));
  const byTrial = new Map<string, StoredMeasurement[]>();
  for (const { trialId, ...measurement } of rows) {
    const own = byTrial.get(trialId);
    if (own === undefined) byTrial.set(trialId, [measurement]);
    else own.push(measurement);
  }
  return byTrial;
}
