/**
 * The queue: pg-boss on the same database. A job is a trial's ticket, there exactly as long as the trial is QUEUED:
 *
 *   written    in the transaction that makes the trial QUEUED
 *   taken      fetched and deleted in the transaction that claims it, so no committed job is ever active
 *   dropped    by whoever fetches it, where the row says that the trial is not QUEUED (it was cancelled, its study deleted)
 *
 * The trial's row is the truth. What goes wrong between the two (a row that another program wrote, a restored copy) is mended by
 * `reconcileTrialJobs`. A job has its trial's id, so that a second one cannot be.
 */
import { invariant } from '@kinetune/study';
import { sql } from 'drizzle-orm';
import { fromDrizzle, PgBoss, type ConstructorOptions, type Db, type DrizzleTransactionLike } from 'pg-boss';
import type { Database } from './database.ts';
import { configurations, trials } from './schema/index.ts';

const QUEUE = 'trials';
const DAY_SECONDS = 86_400;

/**
 * All of pg-boss's own rules, stated. Its defaults delete a job that waits for 14 days, and start one that has been active for 15
 * minutes again: what waits here waits for as long as it takes, and who trains is known by the trial's row alone.
 */
const QUEUE_SETTINGS = {
  policy: 'standard',
  retentionSeconds: 20 * 365 * DAY_SECONDS,
  /** The most there is, and never reached: none is active beyond its transaction. Hence no heartbeats and no retries either. */
  expireInSeconds: DAY_SECONDS - 1,
  retryLimit: 0,
  deleteAfterSeconds: DAY_SECONDS,
} as const;

export interface QueuedTrial {
  readonly id: string;
  readonly studyId: string;
  /** Of its configuration. */
  readonly number: number;
  readonly replicate: number;
}

/** The pg-boss of each open database, by drizzle's dialect: the one thing that a database and its transactions share. */
const opened = new WeakMap<object, PgBoss>();

/**
 * Installs pg-boss in the database or brings it to the present version, and gives every queued trial a job. Call it before the
 * database is handed out, in one process at a time.
 * @returns what ends it, before the connection is closed.
 */
export async function openTrialJobs(
  db: Database,
  own: { readonly db: Db; readonly backend: NonNullable<ConstructorOptions['backend']> },
): Promise<AsyncDisposable> {
  const boss = new PgBoss({
    ...own,
    schema: 'pgboss',
    // Nothing is there to be supervised: see above. Cron, metrics and the registry of instances are not used.
    supervise: false,
    schedule: false,
    registerInstance: false,
    openTelemetry: { enabled: false },
  });
  // Its timers read while the database is away; every query of ours says so itself.
  boss.on('error', () => {});
  await boss.start();
  await boss.createQueue(QUEUE, QUEUE_SETTINGS);
  opened.set(dialectOf(db), boss);
  await reconcileTrialJobs(db);
  return { [Symbol.asyncDispose]: () => boss.stop({ graceful: false, close: false }) };
}

/** Gives trials that have just become QUEUED their jobs. `tx` is the transaction that made them so. */
export async function queueTrials(tx: Database, queued: readonly QueuedTrial[]): Promise<void> {
  if (queued.length === 0) return;
  const jobs = queued.map(({ id, studyId, number, replicate }) => ({
    id,
    data: { trialId: id },
    group: { id: studyId },
    priority: priorityOf(number, replicate),
  }));
  await bossOf(tx).insert(QUEUE, jobs, { db: connectionOf(tx) });
}

/**
 * Takes the first job of a study; gives the id of its trial, which is QUEUED. `tx` is a transaction that has locked the study.
 * Jobs of trials that cannot be claimed are dropped on the way. `another-study`: roll back and try again, a study that was not
 * there a moment ago came first.
 */
export async function takeTrialJob(
  tx: Database,
  studyId: string,
): Promise<{ readonly trialId: string } | 'none' | 'another-study'> {
  const boss = bossOf(tx);
  const connection = { db: connectionOf(tx) };
  for (;;) {
    const ignoreGroups = await otherStudies(tx, studyId);
    const [job] = await boss.fetch(QUEUE, { ...connection, ignoreGroups });
    if (job === undefined) return 'none';
    if (job.groupId !== studyId) return 'another-study';
    await boss.deleteJob(QUEUE, job.id, connection);
    const [row] = await tx
      .select({ id: trials.id })
      .from(trials)
      .where(sql`${trials.id} = ${job.id} and ${trials.studyId} = ${studyId} and ${trials.state} = 'QUEUED'`);
    if (row !== undefined) return { trialId: row.id };
  }
}

/**
 * Gives queued trials without a job one, and deletes the jobs of all others.
 * @returns how many of each there were.
 */
export async function reconcileTrialJobs(db: Database): Promise<{ readonly given: number; readonly dropped: number }> {
  const missing = await db
    .select({ id: trials.id, studyId: trials.studyId, number: configurations.number, replicate: trials.replicate })
    .from(trials)
    .innerJoin(configurations, sql`${configurations.id} = ${trials.configurationId}`)
    .where(
      sql`${trials.state} = 'QUEUED' and not exists (select 1 from pgboss.job where name = ${QUEUE} and job.id = ${trials.id})`,
    );
  await queueTrials(db, missing);
  const left = await db
    .select({ id: sql<string>`job.id` })
    .from(sql`pgboss.job`)
    .where(
      sql`name = ${QUEUE} and not exists (select 1 from ${trials} where ${trials.id} = job.id and ${trials.state} = 'QUEUED')`,
    );
  if (left.length > 0) {
    const ids = left.map(({ id }) => id);
    await bossOf(db).deleteJob(QUEUE, ids, { db: connectionOf(db) });
  }
  return { given: missing.length, dropped: left.length };
}

/** Studies other than this one that have jobs. */
async function otherStudies(tx: Database, studyId: string): Promise<string[]> {
  const rows = await tx
    .selectDistinct({ studyId: sql<string>`group_id` })
    .from(sql`pgboss.job`)
    .where(sql`name = ${QUEUE} and group_id <> ${studyId}`);
  return rows.map((row) => row.studyId);
}

/** The lowest configuration first, and of that the lowest replicate, as far as an integer of the database reaches. */
function priorityOf(number: number, replicate: number): number {
  return -Math.min(number * 1000 + Math.min(replicate, 999), 2 ** 31 - 1);
}

function bossOf(db: Database): PgBoss {
  const boss = opened.get(dialectOf(db));
  invariant(boss !== undefined, 'a database is opened by openStorage or openPostgres, which open its queue');
  return boss;
}

/** pg-boss's statements as part of a transaction. */
function connectionOf(tx: Database): Db {
  return fromDrizzle(tx as unknown as DrizzleTransactionLike, sql);
}

function dialectOf(db: Database): object {
  const { dialect } = db as unknown as { readonly dialect?: object };
  invariant(dialect !== undefined, 'a drizzle database has a dialect');
  return dialect;
}
