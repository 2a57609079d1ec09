/** Writing a study as it was measured elsewhere: whole, in one transaction, so that a source that breaks leaves nothing. */
import { invariant, type EpochDetail, type EvaluationResult, type StudyState } from '@kinetune/study';
import { eq, sql } from 'drizzle-orm';
import type { Configuration } from './configuration.ts';
import type { Database } from './database.ts';
import type { Evaluation } from './evaluation.ts';
import { configurations, evaluations, measurements, studies, trials } from './schema/index.ts';
import { createStudy } from './studies.ts';
import { withStorageFailures } from './storage-failure.ts';
import { studyFromRow, type NewStudy, type Study } from './study.ts';
import type { Trial } from './trial.ts';
import { queueTrials } from './trial-jobs.ts';

/** A study as it is written down outside of a database. */
export interface StudyRecord extends NewStudy, Pick<Study, 'spaceVersions' | 'overrides' | 'conclusion'> {
  readonly state: StudyState;
  /** Now unless stated. */
  readonly createdAt?: Date;
}

/** A configuration with its trials. */
export interface ConfigurationRecord extends Pick<
  Configuration,
  'number' | 'values' | 'spaceVersion' | 'samplerNote' | 'objective'
> {
  /** Now unless stated. */
  readonly createdAt?: Date;
  /** At least one. */
  readonly trials: readonly TrialRecord[];
}

/** A trial without what belongs to the machine that ran it: agent, slot, token, heartbeat, checkpoints. */
export interface TrialRecord extends Pick<
  Trial,
  | 'replicate'
  | 'seed'
  | 'fold'
  | 'state'
  | 'reasonCode'
  | 'reason'
  | 'attempts'
  | 'failures'
  | 'device'
  | 'fingerprint'
  | 'runtime'
  | 'weightCount'
  | 'totalSteps'
  | 'totalEpochs'
  | 'lastStep'
  | 'bestStep'
  | 'bestValue'
  | 'diagnosis'
  | 'earlierRunningMs'
  | 'queuedAt'
  | 'startedAt'
  | 'finishedAt'
> {
  readonly evaluations: readonly EvaluationRecord[];
}

export interface EvaluationRecord
  extends
    EvaluationResult,
    Pick<Evaluation, 'split' | 'step' | 'reason' | 'evaluatedBy' | 'isContaminated' | 'evaluatedAt'> {}

export interface MeasurementRecord {
  readonly trialId: string;
  readonly step: number;
  readonly epoch: number;
  /** In the order of the study's metrics; null where a value is not finite. */
  readonly values: readonly (number | null)[];
  readonly detail?: EpochDetail;
  /** Now unless stated. */
  readonly recordedAt?: Date;
}

export interface StudyImport {
  readonly study: Study;
  /** Adds configurations with their trials; gives the ids of the trials, in their order. */
  addConfigurations(records: readonly ConfigurationRecord[]): Promise<readonly string[]>;
  /** Adds measurements of trials added before; of a step that comes twice the last counts. */
  addMeasurements(records: readonly MeasurementRecord[]): Promise<void>;
  /**
   * Tells each trial's last and best step from its measurements. The value of a trial that has one stays: its best step is the
   * first that measured it, else the best one; a trial without takes the best value that was measured.
   */
  findBestSteps(): Promise<void>;
}

/** Rows in a statement, whose parameters PostgreSQL limits to 65,535. */
const ROWS = 1000;

/**
 * Adds a study and what `work` adds to it, or nothing at all.
 * @throws InputError when a study has this name already, and what `work` throws.
 */
export async function importStudy(
  db: Database,
  record: StudyRecord,
  work: (change: StudyImport) => Promise<void>,
): Promise<Study> {
  return withStorageFailures(() =>
    db.transaction(async (tx) => {
      const { state, spaceVersions, overrides, conclusion, createdAt, ...fresh } = record;
      const { id } = await createStudy(tx, fresh);
      const [row] = await tx
        .update(studies)
        .set({ state, spaceVersions, overrides, conclusion, ...(createdAt === undefined ? {} : { createdAt }) })
        .where(eq(studies.id, id))
        .returning();
      invariant(row !== undefined, 'a study that was just added is there');
      const study = studyFromRow(row);
      await work({
        study,
        addConfigurations: (records) => addConfigurations(tx, study, records),
        addMeasurements: (records) => addMeasurements(tx, records),
        findBestSteps: () => findBestSteps(tx, study),
      });
      // An embedded database counts its rows only when told to; without, every read of a curve goes through all of them.
      await tx.execute(sql`analyze ${configurations}, ${trials}, ${measurements}`);
      return study;
    }),
  );
}

async function addConfigurations(
  db: Database,
  { id: studyId }: Study,
  records: readonly ConfigurationRecord[],
): Promise<readonly string[]> {
  const byNumber = new Map<number, string>();
  for (let start = 0; start < records.length; start += ROWS) {
    const rows = await db
      .insert(configurations)
      .values(records.slice(start, start + ROWS).map(({ trials: _, ...record }) => ({ studyId, ...record })))
      .returning({ id: configurations.id, number: configurations.number });
    for (const { number, id } of rows) byNumber.set(number, id);
  }
  const wanted = records.flatMap(({ number, trials: own }) =>
    own.map((trial) => ({ configurationId: byNumber.get(number) as string, trial })),
  );
  const numbers = new Map([...byNumber].map(([number, id]) => [id, number]));
  const ids = new Map<string, string>();
  for (let start = 0; start < wanted.length; start += ROWS) {
    const inserted = await db
      .insert(trials)
      .values(
        wanted.slice(start, start + ROWS).map(({ configurationId, trial: { evaluations: _, ...trial } }) => ({
          studyId,
          configurationId,
          ...trial,
        })),
      )
      .returning({
        id: trials.id,
        configurationId: trials.configurationId,
        replicate: trials.replicate,
        state: trials.state,
      });
    for (const { id, configurationId, replicate } of inserted) ids.set(`${configurationId} ${replicate}`, id);
    const queued = inserted.filter(({ state }) => state === 'QUEUED');
    await queueTrials(
      db,
      queued.map(({ configurationId, ...one }) => ({
        ...one,
        studyId,
        number: numbers.get(configurationId) as number,
      })),
    );
  }
  const trialIds = wanted.map(
    ({ configurationId, trial }) => ids.get(`${configurationId} ${trial.replicate}`) as string,
  );
  const looks = wanted.flatMap(({ trial }, index) =>
    trial.evaluations.map((evaluation) => ({ trialId: trialIds[index] as string, ...evaluation })),
  );
  for (let start = 0; start < looks.length; start += ROWS)
    await db.insert(evaluations).values(looks.slice(start, start + ROWS));
  return trialIds;
}

async function addMeasurements(db: Database, records: readonly MeasurementRecord[]): Promise<void> {
  for (let start = 0; start < records.length; start += ROWS) {
    // A statement may touch a row once.
    const rows = new Map(
      records.slice(start, start + ROWS).map((record) => [`${record.trialId} ${record.step}`, record]),
    );
    await db
      .insert(measurements)
      .values([...rows.values()])
      .onConflictDoUpdate({
        target: [measurements.trialId, measurements.step],
        set: { epoch: sql`excluded.epoch`, values: sql`excluded.values`, detail: sql`excluded.detail` },
      });
  }
}

async function findBestSteps(db: Database, { id, metrics, objective }: Study): Promise<void> {
  const position = metrics.findIndex(({ name }) => name === objective.metric) + 1; // SQL arrays count from 1
  const value = sql`${measurements.values}[${sql.raw(String(position))}]`;
  const direction = sql.raw(objective.direction === 'maximise' ? 'desc' : 'asc');
  // The first step with the value comes first, then the steps by their value.
  const order = sql`(${value} = ${trials.bestValue}) desc nulls last, ${value} ${direction}, ${measurements.step}`;
  await db.execute(sql`
    with measured as (
      select ${trials.id} as trial_id,
        max(${measurements.step}) as last_step,
        (array_agg(${measurements.step} order by ${order}) filter (where ${value} is not null))[1] as best_step,
        (array_agg(${value} order by ${order}) filter (where ${value} is not null))[1] as best_value
      from ${trials} join ${measurements} on ${measurements.trialId} = ${trials.id}
      where ${trials.studyId} = ${id}
      group by ${trials.id}
    )
    update ${trials} set
      last_step = measured.last_step,
      best_step = measured.best_step,
      best_value = coalesce(${trials.bestValue}, measured.best_value)
    from measured where ${trials.id} = measured.trial_id`);
}
