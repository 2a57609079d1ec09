/** Reading what belongs to many rows at once, for loaders: by the id of the row that it belongs to, in one query. */
import { and, asc, eq, inArray, or, sql } from 'drizzle-orm';
import type { Checkpoint } from './checkpoint.ts';
import { configurationFromRow, type Configuration } from './configuration.ts';
import type { Database } from './database.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluationFromRow } from './evaluations.ts';
import { checkpoints, configurations, evaluations, measurements, trials } from './schema/index.ts';
import { trialFromRows, type Trial } from './trial.ts';
import { selectTrials } from './trials.ts';
import { isUuid } from './uuid.ts';

/** Configurations by id; one that does not exist is missing. */
export async function findConfigurations(
  db: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Configuration>> {
  const known = ids.filter(isUuid);
  if (known.length === 0) return new Map();
  const rows = await db.select().from(configurations).where(inArray(configurations.id, known));
  return new Map(rows.map((row) => [row.id, configurationFromRow(row)]));
}

/** The trials of each configuration by replicate. */
export async function trialsOf(
  db: Database,
  configurationIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Trial[]>> {
  if (configurationIds.length === 0) return new Map();
  const rows = await selectTrials(db)
    .where(inArray(trials.configurationId, [...configurationIds]))
    .orderBy(asc(trials.replicate));
  return Map.groupBy(
    rows.map(({ trial, configuration }) => trialFromRows(trial, configuration)),
    ({ configurationId }) => configurationId,
  );
}

/** The first trial of configurations that people name by study and number, by `studyId number`; unknown ones are missing. */
export async function trialsByNumber(
  db: Database,
  names: readonly { readonly studyId: string; readonly number: number }[],
): Promise<ReadonlyMap<string, Trial>> {
  if (names.length === 0) return new Map();
  const wanted = [...Map.groupBy(names, ({ studyId }) => studyId)].map(([studyId, own]) =>
    and(
      eq(configurations.studyId, studyId),
      inArray(
        configurations.number,
        own.map(({ number }) => number),
      ),
    ),
  );
  const rows = await selectTrials(db).where(and(eq(trials.replicate, 0), or(...wanted)));
  return new Map(
    rows.map(({ trial, configuration }) => [
      `${trial.studyId} ${configuration.number}`,
      trialFromRows(trial, configuration),
    ]),
  );
}

/** The evaluations of each trial: validation, then each look at the test people, oldest first. */
export async function evaluationsOf(
  db: Database,
  trialIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Evaluation[]>> {
  if (trialIds.length === 0) return new Map();
  const rows = await db
    .select()
    .from(evaluations)
    .where(inArray(evaluations.trialId, [...trialIds]))
    .orderBy(sql`${evaluations.split} = 'test'`, asc(evaluations.evaluatedAt), asc(evaluations.step));
  return Map.groupBy(rows.map(evaluationFromRow), ({ trialId }) => trialId);
}

/** The checkpoints of each trial by step. */
export async function checkpointsOf(
  db: Database,
  trialIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Checkpoint[]>> {
  if (trialIds.length === 0) return new Map();
  const rows = await db
    .select()
    .from(checkpoints)
    .where(inArray(checkpoints.trialId, [...trialIds]))
    .orderBy(asc(checkpoints.step), asc(checkpoints.kind));
  return Map.groupBy(rows, ({ trialId }) => trialId);
}

/** A measurement as it is stored. */
export type MeasurementOfTrial = Omit<typeof measurements.$inferSelect, 'trialId'>;

/** Measurements of each trial after a step, the first `limit` of them by step. */
export async function measurementsOf(
  db: Database,
  trialIds: readonly string[],
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<ReadonlyMap<string, readonly MeasurementOfTrial[]>> {
  if (trialIds.length === 0) return new Map();
  const found = db
    .select()
    .from(measurements)
    .where(and(eq(measurements.trialId, trials.id), sql`${measurements.step} > ${after}`))
    .orderBy(asc(measurements.step))
    .limit(limit)
    .as('page');
  const rows = await db
    .select({
      trialId: trials.id,
      page: {
        step: found.step,
        epoch: found.epoch,
        values: found.values,
        detail: found.detail,
        recordedAt: found.recordedAt,
      },
    })
    .from(trials)
    .innerJoinLateral(found, sql`true`)
    .where(inArray(trials.id, [...trialIds]))
    .orderBy(asc(found.step));
  return new Map(
    [...Map.groupBy(rows, ({ trialId }) => trialId)].map(([id, own]) => [id, own.map(({ page }) => page)]),
  );
}
