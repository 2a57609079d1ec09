/** What a scheduler looks at: the studies that want trials trained, and the slots that there are for them. */
import { and, asc, count, eq, isNull, max, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { agents, configurations, slots, studies, trials } from './schema/index.ts';
import { withStorageFailures } from './storage-failure.ts';
import { studyFromRow, type Study } from './study.ts';

export interface StudyLoad {
  readonly study: Study;
  readonly queued: number;
  readonly running: number;
  /** By the fault of the machine. */
  readonly failed: number;
  /** The number that the next configuration gets. */
  readonly nextNumber: number;
}

/** The RUNNING studies whose trials agents train, oldest first. */
export async function studyLoads(db: Database): Promise<readonly StudyLoad[]> {
  return withStorageFailures(async () => {
    const isOurs = and(
      eq(studies.state, 'RUNNING'),
      sql`${studies.trainer} ->> 'kind' in ('built-in', 'command')`,
      isNull(studies.archivedAt),
    );
    const rows = await db.select().from(studies).where(isOurs).orderBy(asc(studies.createdAt), asc(studies.name));
    if (rows.length === 0) return [];
    const of = (state: string) => sql<number>`(count(*) filter (where ${trials.state} = ${state}))::int`;
    const counted = await db
      .select({ studyId: trials.studyId, queued: of('QUEUED'), running: of('RUNNING'), failed: of('FAILED') })
      .from(trials)
      .innerJoin(studies, and(eq(studies.id, trials.studyId), isOurs))
      .groupBy(trials.studyId);
    const numbered = await db
      .select({ studyId: configurations.studyId, highest: max(configurations.number) })
      .from(configurations)
      .innerJoin(studies, and(eq(studies.id, configurations.studyId), isOurs))
      .groupBy(configurations.studyId);
    const counts = new Map(counted.map((row) => [row.studyId, row]));
    const highest = new Map(numbered.map((row) => [row.studyId, row.highest ?? -1]));
    return rows.map((row) => {
      const { queued = 0, running = 0, failed = 0 } = counts.get(row.id) ?? {};
      return { study: studyFromRow(row), queued, running, failed, nextNumber: (highest.get(row.id) ?? -1) + 1 };
    });
  });
}

export interface SlotCounts {
  /** Of agents that give signs of life. */
  readonly slots: number;
  /** Of these, those that train nothing. */
  readonly free: number;
}

/** The slots of the agents that have not stopped and gave a sign of life within `silentForMs`. */
export async function countSlots(db: Database, { silentForMs }: { readonly silentForMs: number }): Promise<SlotCounts> {
  const [row] = await withStorageFailures(() =>
    db
      .select({
        slots: count(),
        free: sql<number>`(count(*) filter (where not exists (
          select 1 from ${trials} where ${trials.slotId} = ${slots.id} and ${trials.state} = 'RUNNING'
        )))::int`,
      })
      .from(slots)
      .innerJoin(agents, and(eq(agents.id, slots.agentId), isAlive(silentForMs))),
  );
  return { slots: row?.slots ?? 0, free: row?.free ?? 0 };
}

/** Whether an agent lives: by the database's clock, since each machine has its own. */
export function isAlive(silentForMs: number) {
  const since = sql`now() - ${silentForMs}::double precision * interval '1 millisecond'`;
  return and(isNull(agents.stoppedAt), sql`${agents.heartbeatAt} >= ${since}`);
}
