/** The ledger of launches: which configuration replaced which, and why. */
import { InputError } from '@kinetune/study';
import { and, desc, eq, inArray } from 'drizzle-orm';
import { changeStudy } from './change-study.ts';
import type { Database } from './database.ts';
import { launchFromRow, type Launch } from './launch.ts';
import { configurations, launches, studies } from './schema/index.ts';
import { isUuid } from './uuid.ts';

/** What is decided; the study and its round follow from the candidate. */
export type NewLaunch = Omit<Launch, 'id' | 'studyId' | 'roundId' | 'decidedAt'>;

/**
 * Enters a decision into the ledger and into the event log of the candidate's study, in one transaction.
 * @throws InputError for a candidate or a baseline that does not exist, or that are the same.
 */
export async function recordLaunch(db: Database, studyId: string, launch: NewLaunch): Promise<Launch> {
  return changeStudy(db, studyId, async ({ db: tx, append }) => {
    const { configurationId, baselineId, decision } = launch;
    if (configurationId === baselineId)
      throw new InputError(
        'same-configuration',
        'expected a candidate other than the baseline, got the same one twice',
      );
    await requireConfiguration(tx, configurationId, studyId);
    if (baselineId !== null) await requireConfiguration(tx, baselineId);
    const [study] = await tx.select({ roundId: studies.roundId }).from(studies).where(eq(studies.id, studyId));
    const [row] = await tx
      .insert(launches)
      .values({ ...launch, studyId, roundId: study?.roundId ?? null })
      .returning();
    const recorded = launchFromRow(row as typeof launches.$inferSelect);
    append({ type: 'study-changed', detail: { launch: recorded.id, configurationId, decision } });
    return recorded;
  });
}

async function requireConfiguration(db: Database, id: string, studyId?: string): Promise<void> {
  const found = isUuid(id)
    ? await db
        .select({ id: configurations.id })
        .from(configurations)
        .where(and(eq(configurations.id, id), studyId === undefined ? undefined : eq(configurations.studyId, studyId)))
    : [];
  if (found.length === 0)
    throw new InputError(
      'unknown-configuration',
      `expected the id of a configuration${studyId === undefined ? '' : ' of this study'}, got ${id}: none has it`,
    );
}

/** The latest first: all, or those of one study. */
export async function listLaunches(
  db: Database,
  { studyId }: { readonly studyId?: string } = {},
): Promise<readonly Launch[]> {
  const rows = await db
    .select()
    .from(launches)
    .where(studyId === undefined ? undefined : eq(launches.studyId, studyId))
    .orderBy(desc(launches.decidedAt), desc(launches.id));
  return rows.map(launchFromRow);
}

/** Launches by id; one that does not exist is missing. */
export async function findLaunches(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, Launch>> {
  const known = ids.filter(isUuid);
  if (known.length === 0) return new Map();
  const rows = await db.select().from(launches).where(inArray(launches.id, known));
  return new Map(rows.map((row) => [row.id, launchFromRow(row)]));
}

/** The launches of many studies or rounds, the latest first, by the id of what they belong to. */
export async function launchesOf(
  db: Database,
  owner: 'studyId' | 'roundId',
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly Launch[]>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select()
    .from(launches)
    .where(inArray(launches[owner], [...ids]))
    .orderBy(desc(launches.decidedAt), desc(launches.id));
  return Map.groupBy(rows.map(launchFromRow), (launch) => launch[owner] as string);
}
