/** The processes that own slots, and their signs of life. */
import { invariant } from '@kinetune/study';
import { and, eq, gte, inArray, isNull, lt, sql } from 'drizzle-orm';
import type { TrialWriter } from './change-trial.ts';
import type { Database } from './database.ts';
import { agents, slots, trials } from './schema/index.ts';
import { withStorageFailures } from './storage-failure.ts';

export interface Slot {
  readonly id: string;
  /** Counts the agent's slots from 0. */
  readonly position: number;
  readonly device: string;
}

export interface Agent {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly slots: readonly Slot[];
}

export async function registerAgent(
  db: Database,
  agent: { readonly host: string; readonly pid: number; readonly devices: readonly string[] },
): Promise<Agent> {
  const { host, pid, devices } = agent;
  return withStorageFailures(() =>
    db.transaction(async (tx) => {
      const [row] = await tx.insert(agents).values({ host, pid }).returning();
      invariant(row !== undefined, 'an inserted row is returned');
      if (devices.length === 0) return { id: row.id, host, pid, slots: [] };
      const inserted = await tx
        .insert(slots)
        .values(devices.map((device, position) => ({ agentId: row.id, position, device })))
        .returning();
      const own = inserted.map(({ id, position, device }) => ({ id, position, device }));
      return { id: row.id, host, pid, slots: own.sort((a, b) => a.position - b.position) };
    }),
  );
}

/**
 * An agent's sign of life for itself and the trials it trains; returns those of `writers` that it must stop, since they
 * were cancelled or taken from it.
 */
export async function heartbeat(
  db: Database,
  agentId: string,
  writers: readonly TrialWriter[],
): Promise<readonly TrialWriter[]> {
  return withStorageFailures(async () => {
    await db
      .update(agents)
      .set({ heartbeatAt: sql`now()` })
      .where(eq(agents.id, agentId));
    if (writers.length === 0) return [];
    const held = await db
      .update(trials)
      .set({ heartbeatAt: sql`now()` })
      .where(
        and(
          eq(trials.agentId, agentId),
          eq(trials.state, 'RUNNING'),
          inArray(
            trials.id,
            writers.map(({ trialId }) => trialId),
          ),
        ),
      )
      .returning({ trialId: trials.id, fencingToken: trials.fencingToken });
    const tokens = new Map(held.map(({ trialId, fencingToken }) => [trialId, fencingToken]));
    return writers.filter(({ trialId, fencingToken }) => tokens.get(trialId) !== fencingToken);
  });
}

/** The agent goes in good order. */
export async function stopAgent(db: Database, agentId: string): Promise<void> {
  await withStorageFailures(() =>
    db
      .update(agents)
      .set({ stoppedAt: sql`now()` })
      .where(eq(agents.id, agentId)),
  );
}

/** Agents that did not stop in good order and gave no sign of life since `heartbeatBefore`. */
export async function findDeadAgents(db: Database, heartbeatBefore: Date): Promise<readonly string[]> {
  const rows = await db
    .select({ id: agents.id })
    .from(agents)
    .where(and(isNull(agents.stoppedAt), lt(agents.heartbeatAt, heartbeatBefore)));
  return rows.map(({ id }) => id);
}

/** Agents that have not stopped and gave a sign of life since `heartbeatAfter`. */
export async function findLivingAgents(db: Database, heartbeatAfter: Date): Promise<readonly string[]> {
  const rows = await db
    .select({ id: agents.id })
    .from(agents)
    .where(and(isNull(agents.stoppedAt), gte(agents.heartbeatAt, heartbeatAfter)));
  return rows.map(({ id }) => id);
}
