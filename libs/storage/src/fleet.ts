/** Who trains and what waits: agents with their slots, and the queue of each study. */
import { and, asc, count, desc, eq, inArray, min } from 'drizzle-orm';
import type { Database } from './database.ts';
import { agents, slots, trials } from './schema/index.ts';
import { isUuid } from './uuid.ts';

export interface AgentRecord {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: Date;
  readonly heartbeatAt: Date;
  /** When it went in good order; null while it lives, and for one that was killed. */
  readonly stoppedAt: Date | null;
}

export type SlotRecord = typeof slots.$inferSelect;

/** The latest first. */
export async function listAgents(db: Database): Promise<readonly AgentRecord[]> {
  return db.select().from(agents).orderBy(desc(agents.startedAt), desc(agents.id));
}

/** Agents by id; one that does not exist is missing. */
export async function findAgents(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, AgentRecord>> {
  const known = ids.filter(isUuid);
  if (known.length === 0) return new Map();
  const rows = await db.select().from(agents).where(inArray(agents.id, known));
  return new Map(rows.map((row) => [row.id, row]));
}

/** Slots by id; one that does not exist is missing. */
export async function findSlots(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, SlotRecord>> {
  const known = ids.filter(isUuid);
  if (known.length === 0) return new Map();
  const rows = await db.select().from(slots).where(inArray(slots.id, known));
  return new Map(rows.map((row) => [row.id, row]));
}

/** The slots of each agent by position, by agent. */
export async function slotsOf(
  db: Database,
  agentIds: readonly string[],
): Promise<ReadonlyMap<string, readonly SlotRecord[]>> {
  if (agentIds.length === 0) return new Map();
  const rows = await db
    .select()
    .from(slots)
    .where(inArray(slots.agentId, [...agentIds]))
    .orderBy(asc(slots.position));
  return Map.groupBy(rows, ({ agentId }) => agentId);
}

/** The id of the trial that runs on each slot, by slot; a free slot is missing. */
export async function runningOn(db: Database, slotIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (slotIds.length === 0) return new Map();
  const rows = await db
    .select({ slotId: trials.slotId, trialId: trials.id })
    .from(trials)
    .where(and(inArray(trials.slotId, [...slotIds]), eq(trials.state, 'RUNNING')));
  return new Map(rows.map(({ slotId, trialId }) => [slotId as string, trialId]));
}

export interface QueueDepth {
  readonly studyId: string;
  /** Trials that wait. */
  readonly queued: number;
  /** Since when the one that waits longest does. */
  readonly oldestQueuedAt: Date;
}

/** Of each study with waiting trials, the longest waiting first. */
export async function queueDepths(db: Database): Promise<readonly QueueDepth[]> {
  const oldest = min(trials.queuedAt);
  const rows = await db
    .select({ studyId: trials.studyId, queued: count(), oldest })
    .from(trials)
    .where(eq(trials.state, 'QUEUED'))
    .groupBy(trials.studyId)
    .orderBy(oldest);
  return rows.map(({ studyId, queued, oldest: oldestQueuedAt }) => ({
    studyId,
    queued,
    oldestQueuedAt: oldestQueuedAt as Date,
  }));
}
