/** The last analysis of each study and whether anything changed since. */
import { inArray, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { analyses, events, studies } from './schema/index.ts';
import { withStorageFailures } from './storage-failure.ts';

export interface StoredAnalysis {
  readonly studyId: string;
  /** The study's last change that it has seen. */
  readonly sequence: number;
  /** Of the analysis that wrote it. */
  readonly version: string;
  /** Plain JSON. */
  readonly report: unknown;
  readonly computedAt: Date;
}

/** By study; one that was never analysed is missing. */
export async function findAnalyses(
  db: Database,
  studyIds: readonly string[],
): Promise<ReadonlyMap<string, StoredAnalysis>> {
  if (studyIds.length === 0) return new Map();
  const rows = await db
    .select()
    .from(analyses)
    .where(inArray(analyses.studyId, [...studyIds]));
  return new Map(rows.map((row) => [row.studyId, row]));
}

/** Keeps an analysis in place of an earlier one; one that has seen more stays. */
export async function saveAnalysis(db: Database, analysis: Omit<StoredAnalysis, 'computedAt'>): Promise<void> {
  const { studyId, sequence, version, report } = analysis;
  await withStorageFailures(() =>
    db
      .insert(analyses)
      .values({ studyId, sequence, version, report })
      .onConflictDoUpdate({
        target: analyses.studyId,
        set: { sequence, version, report, computedAt: sql`now()` },
        setWhere: sql`${analyses.sequence} <= ${sequence} or ${analyses.version} <> ${version}`,
      }),
  );
}

/** Sequence of the last event that is no measurement and no checkpoint, by study: what an analysis depends on. */
export async function lastChanges(db: Database, studyIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (studyIds.length === 0) return new Map();
  const rows = await db
    .select({
      studyId: studies.id,
      sequence: sql<number>`coalesce((
        select ${events.sequence} from ${events}
        where ${events.studyId} = ${studies.id} and ${events.type} not in ('measurement', 'checkpoint')
        order by ${events.sequence} desc limit 1), 0)`.mapWith(Number),
    })
    .from(studies)
    .where(inArray(studies.id, [...studyIds]));
  return new Map(rows.map(({ studyId, sequence }) => [studyId, sequence]));
}
