/** Reading measurements: many trials at a time as arrays, or one trial whole. */
import { InputError, type EpochDetail, type Measurement, type Metric } from '@kinetune/study';
import { asc, eq, inArray, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { measurements, studies } from './schema/index.ts';
import { unknownStudy } from './study.ts';
import { isUuid } from './uuid.ts';

/** One trial's measurements as columns, by step. */
export interface Curve {
  readonly trialId: string;
  readonly steps: readonly number[];
  readonly epochs: readonly number[];
  /** By metric name; null where the value was not finite. */
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
}

/**
 * The curves of trials, aggregated by the database: a row a trial crosses the wire, not a row a measurement. Trials without
 * measurements have empty arrays. In the order of `trialIds`.
 * @throws InputError for a metric that the study does not declare.
 */
export async function readCurves(
  db: Database,
  studyId: string,
  { trialIds, metrics }: { readonly trialIds: readonly string[]; readonly metrics: readonly string[] },
): Promise<readonly Curve[]> {
  const positions = metricPositions(await metricsOf(db, studyId), metrics);
  if (trialIds.length === 0) return [];
  // One array holds all metrics one after the other, each as long as `steps`: array_agg cannot nest arrays of nulls.
  const rows = await db
    .select({
      trialId: measurements.trialId,
      steps: sql<number[]>`json_agg(${measurements.step} order by ${measurements.step})`,
      epochs: sql<number[]>`json_agg(${measurements.epoch} order by ${measurements.step})`,
      values: sql<(number | null)[][]>`json_build_array(${sql.join(
        positions.map(
          (position) =>
            sql`json_agg(${measurements.values}[${sql.raw(String(position))}] order by ${measurements.step})`,
        ),
        sql`, `,
      )})`,
    })
    .from(measurements)
    .where(inArray(measurements.trialId, [...trialIds]))
    .groupBy(measurements.trialId);
  const byTrial = new Map(rows.map((row) => [row.trialId, row]));
  return trialIds.map((trialId) => {
    const row = byTrial.get(trialId);
    return {
      trialId,
      steps: row?.steps ?? [],
      epochs: row?.epochs ?? [],
      values: Object.fromEntries(metrics.map((name, index) => [name, row?.values[index] ?? []])),
    };
  });
}

/** What trainers sent inside each epoch, by trial, in the order of the steps; null for a measurement without. */
export async function readDetails(
  db: Database,
  trialIds: readonly string[],
): Promise<ReadonlyMap<string, readonly (EpochDetail | null)[]>> {
  if (trialIds.length === 0) return new Map();
  const rows = await db
    .select({
      trialId: measurements.trialId,
      details: sql<(EpochDetail | null)[]>`json_agg(${measurements.detail} order by ${measurements.step})`,
    })
    .from(measurements)
    .where(inArray(measurements.trialId, [...trialIds]))
    .groupBy(measurements.trialId);
  return new Map(rows.map(({ trialId, details }) => [trialId, details]));
}

/** Everything one trial measured, by step. */
export async function listMeasurements(
  db: Database,
  studyId: string,
  trialId: string,
): Promise<readonly Measurement[]> {
  const metrics = await metricsOf(db, studyId);
  const rows = await db
    .select()
    .from(measurements)
    .where(eq(measurements.trialId, trialId))
    .orderBy(asc(measurements.step));
  return rows.map(({ step, epoch, values, detail }) => ({
    step,
    epoch,
    values: Object.fromEntries(metrics.map(({ name }, index) => [name, values[index] ?? null])),
    ...(detail === null ? {} : { detail }),
  }));
}

async function metricsOf(db: Database, studyId: string): Promise<readonly Metric[]> {
  const [row] = isUuid(studyId)
    ? await db.select({ metrics: studies.metrics }).from(studies).where(eq(studies.id, studyId))
    : [];
  if (row === undefined) throw unknownStudy(studyId);
  return row.metrics;
}

/** SQL arrays count from 1. */
function metricPositions(declared: readonly Metric[], names: readonly string[]): number[] {
  return names.map((name) => {
    const index = declared.findIndex((metric) => metric.name === name);
    if (index < 0) {
      const known = declared.map((metric) => metric.name).join(', ');
      throw new InputError('unknown-metric', `expected metrics that the study declares (${known}), got ${name}`);
    }
    return index + 1;
  });
}
