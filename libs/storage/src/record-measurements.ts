/** Appending what trials measured. */
import {
  invariant,
  isBetter,
  type EvaluationResult,
  type Measurement,
  type Metric,
  type Objective,
} from '@kinetune/study';
import { and, asc, desc, eq, isNotNull, sql } from 'drizzle-orm';
import { changeTrial, type TrialChange, type TrialWriter, type TrialWriteRefused } from './change-trial.ts';
import type { Database } from './database.ts';
import { writeValidationEvaluation } from './evaluations.ts';
import { renewedLease } from './trial-leases.ts';
import { measurements, trials } from './schema/index.ts';
import type { Trial } from './trial.ts';

export interface NewMeasurement extends Measurement {
  /** Whether the training state of this step is durable, so that a next attempt may go on from it; yes unless stated. */
  readonly isResumable?: boolean;
  /** The evaluation behind the values, when they are the best so far. */
  readonly evaluation?: EvaluationResult;
}

export interface MeasurementsWritten {
  readonly outcome: 'written';
  /** Measurements that were new or different. */
  readonly changedCount: number;
  readonly bestStep: number | null;
  readonly bestValue: number | null;
}

/**
 * Writes measurements of one trial in one transaction, keyed (trial, step): sent again they change nothing, and an attempt
 * that repeats steps after a resume replaces them. Metrics that the study does not declare are refused.
 */
export async function recordMeasurements(
  db: Database,
  writer: TrialWriter,
  batch: readonly NewMeasurement[],
): Promise<MeasurementsWritten | TrialWriteRefused> {
  return changeTrial(db, writer, async (change) => {
    const { trial, append } = change;
    if (batch.length === 0)
      return { outcome: 'written', changedCount: 0, bestStep: trial.bestStep, bestValue: trial.bestValue };
    // A statement may touch a row once: of a step that comes twice the last counts.
    const byStep = new Map(batch.map((measurement) => [measurement.step, measurement]));
    const written = [...byStep.values()].sort((a, b) => a.step - b.step);
    const changedSteps = await upsert(change, written);
    for (const { step, evaluation } of written) {
      if (evaluation !== undefined) await writeValidationEvaluation(change, step, evaluation);
    }
    for (const { step, epoch } of written) {
      if (changedSteps.has(step)) append({ type: 'measurement', trialId: trial.id, step, detail: { epoch } });
    }
    const best = await bestAfter(change, written);
    const resumable = Math.max(trial.resumableStep ?? -1, ...written.filter(isResumable).map(({ step }) => step));
    const last = Math.max(trial.lastStep ?? -1, ...written.map(({ step }) => step));
    await change.db
      .update(trials)
      .set({
        ...best,
        lastStep: last,
        resumableStep: resumable < 0 ? null : resumable,
        // Progress shows that the machine works: the cap on failures is for trials that never get further.
        ...(resumable > (trial.resumableStep ?? -1) ? { failures: 0 } : {}),
        heartbeatAt: sql`now()`,
        leaseEndsAt: renewedLease(),
      })
      .where(eq(trials.id, trial.id));
    return { outcome: 'written', changedCount: changedSteps.size, ...best };
  });
}

function isResumable(measurement: NewMeasurement): boolean {
  return measurement.isResumable ?? true;
}

/** Returns the steps that were new or different. */
async function upsert({ db, study, trial }: TrialChange, batch: readonly NewMeasurement[]): Promise<Set<number>> {
  const changed = await db
    .insert(measurements)
    .values(
      batch.map(({ step, epoch, values, detail }) => ({
        trialId: trial.id,
        step,
        epoch,
        values: inOrder(study.metrics, values),
        detail: detail ?? null,
      })),
    )
    .onConflictDoUpdate({
      target: [measurements.trialId, measurements.step],
      set: {
        epoch: sql`excluded.epoch`,
        values: sql`excluded.values`,
        detail: sql`excluded.detail`,
        recordedAt: sql`excluded.recorded_at`,
      },
      setWhere: sql`(${measurements.epoch}, ${measurements.values}, ${measurements.detail}) is distinct from (excluded.epoch, excluded.values, excluded.detail)`,
    })
    .returning({ step: measurements.step });
  return new Set(changed.map(({ step }) => step));
}

function inOrder(metrics: readonly Metric[], values: Measurement['values']): (number | null)[] {
  const names = new Set(metrics.map(({ name }) => name));
  for (const name of Object.keys(values)) {
    invariant(
      names.has(name),
      `a measurement holds the metrics its study declares (${[...names].join(', ')}), got ${name}`,
    );
  }
  return metrics.map(({ name }) => {
    const value = values[name];
    return value !== undefined && value !== null && Number.isFinite(value) ? value : null;
  });
}

async function bestAfter(
  change: TrialChange,
  batch: readonly NewMeasurement[],
): Promise<Pick<Trial, 'bestStep' | 'bestValue'>> {
  const { study, trial } = change;
  const { metric, direction } = study.objective;
  // Steps that were measured before may have replaced the best one: then all are looked at again.
  if (batch.some(({ step }) => step <= (trial.lastStep ?? -1))) return bestOfAll(change, study.objective);
  let { bestStep, bestValue } = trial;
  for (const { step, values } of batch) {
    const value = values[metric];
    if (value === undefined || value === null || !isBetter(direction, value, bestValue ?? NaN)) continue;
    bestStep = step;
    bestValue = value;
  }
  return { bestStep, bestValue };
}

async function bestOfAll(
  { db, study, trial }: TrialChange,
  { metric, direction }: Objective,
): Promise<Pick<Trial, 'bestStep' | 'bestValue'>> {
  const position = study.metrics.findIndex(({ name }) => name === metric) + 1; // SQL arrays count from 1
  const value = sql<number>`${measurements.values}[${sql.raw(String(position))}]`;
  const [best] = await db
    .select({ bestStep: measurements.step, bestValue: value.mapWith(Number) })
    .from(measurements)
    .where(and(eq(measurements.trialId, trial.id), isNotNull(value)))
    .orderBy(direction === 'maximise' ? desc(value) : asc(value), asc(measurements.step))
    .limit(1);
  return best ?? { bestStep: null, bestValue: null };
}
