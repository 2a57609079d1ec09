/** Opening, closing and reading rounds. */
import { InputError } from '@kinetune/study';
import { desc, eq, inArray, isNull, and, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { roundFromRow, unknownRound, type Round, type RoundDecision } from './round.ts';
import { rounds, studies } from './schema/index.ts';
import { withStorageFailures } from './storage-failure.ts';
import { studyFromRow, unknownStudy, type Study } from './study.ts';
import { isUuid } from './uuid.ts';

export interface NewRound {
  readonly goal: string;
  readonly studyGroup?: string | null;
  /** Studies that answer it; each is in one round at most. */
  readonly studyIds?: readonly string[];
}

/**
 * Opens a round over studies that are in none.
 * @throws InputError for a study that does not exist or is in another round; nothing is changed then.
 */
export async function createRound(db: Database, round: NewRound): Promise<Round> {
  const { goal, studyGroup = null, studyIds = [] } = round;
  const stray = studyIds.find((id) => !isUuid(id));
  if (stray !== undefined) throw unknownStudy(stray);
  return withStorageFailures(() =>
    db.transaction(async (tx) => {
      const [row] = await tx.insert(rounds).values({ goal, studyGroup }).returning();
      const created = roundFromRow(row as typeof rounds.$inferSelect);
      for (const studyId of new Set(studyIds)) await joinRound(tx, { studyId, roundId: created.id });
      return created;
    }),
  );
}

async function joinRound(
  db: Database,
  { studyId, roundId }: { readonly studyId: string; readonly roundId: string },
): Promise<void> {
  const joined = await db
    .update(studies)
    .set({ roundId })
    .where(and(eq(studies.id, studyId), isNull(studies.roundId)))
    .returning({ id: studies.id });
  if (joined.length > 0) return;
  const [study] = await db.select({ name: studies.name }).from(studies).where(eq(studies.id, studyId));
  if (study === undefined) throw unknownStudy(studyId);
  throw new InputError('study-in-round', `expected a study that is in no round, and ${study.name} is in one`);
}

/**
 * Ends a round with what was learned and what was decided.
 * @throws InputError for one that does not exist or is closed.
 */
export async function closeRound(
  db: Database,
  roundId: string,
  { learned, decision }: { readonly learned: string; readonly decision: RoundDecision },
): Promise<Round> {
  if (learned.trim() === '')
    throw new InputError('nothing-learned', 'expected a sentence on what was learned, got an empty text');
  if (!isUuid(roundId)) throw unknownRound(roundId);
  const [row] = await withStorageFailures(() =>
    db
      .update(rounds)
      .set({ learned, decision, closedAt: sql`now()` })
      .where(and(eq(rounds.id, roundId), isNull(rounds.closedAt)))
      .returning(),
  );
  if (row !== undefined) return roundFromRow(row);
  const found = (await findRounds(db, [roundId])).get(roundId);
  if (found === undefined) throw unknownRound(roundId);
  throw new InputError(
    'round-closed',
    `expected an open round, and this one was closed at ${found.closedAt?.toISOString()}`,
  );
}

/** The latest first. */
export async function listRounds(db: Database): Promise<readonly Round[]> {
  return (await db.select().from(rounds).orderBy(desc(rounds.openedAt), desc(rounds.id))).map(roundFromRow);
}

/** Rounds by id; one that does not exist is missing. */
export async function findRounds(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, Round>> {
  const known = ids.filter(isUuid);
  if (known.length === 0) return new Map();
  const rows = await db.select().from(rounds).where(inArray(rounds.id, known));
  return new Map(rows.map((row) => [row.id, roundFromRow(row)]));
}

/** The round of each study, by the study's id; a study in none is missing. */
export async function roundsOf(db: Database, studyIds: readonly string[]): Promise<ReadonlyMap<string, Round>> {
  if (studyIds.length === 0) return new Map();
  const rows = await db
    .select({ studyId: studies.id, round: rounds })
    .from(studies)
    .innerJoin(rounds, eq(rounds.id, studies.roundId))
    .where(inArray(studies.id, [...studyIds]));
  return new Map(rows.map(({ studyId, round }) => [studyId, roundFromRow(round)]));
}

/** The studies of each round, oldest first, by the round's id. */
export async function studiesOfRounds(
  db: Database,
  roundIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Study[]>> {
  if (roundIds.length === 0) return new Map();
  const rows = await db
    .select()
    .from(studies)
    .where(inArray(studies.roundId, [...roundIds]))
    .orderBy(studies.createdAt, studies.name);
  return new Map(
    [...Map.groupBy(rows, (row) => row.roundId as string)].map(([id, own]) => [id, own.map(studyFromRow)]),
  );
}
