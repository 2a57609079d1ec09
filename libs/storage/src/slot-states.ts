/** The slots of living agents and what they train, as they are now. */
import { and, asc, eq } from 'drizzle-orm';
import type { Database } from './database.ts';
import { agents, slots, trials } from './schema/index.ts';
import { isAlive } from './study-loads.ts';

export interface SlotState {
  readonly id: string;
  readonly agentId: string;
  readonly host: string;
  readonly pid: number;
  /** Counts the agent's slots from 0. */
  readonly position: number;
  readonly device: string;
  /** Of its GPU; null where that is not known. */
  readonly memoryTotalBytes: number | null;
  readonly memoryUsedBytes: number | null;
  /** 0 to 1. */
  readonly utilisation: number | null;
  /** What it trains; null: it is free. */
  readonly trialId: string | null;
}

/** By host, agent and position; an agent lives that gave a sign of life within `silentForMs`. */
export async function listSlotStates(
  db: Database,
  { silentForMs }: { readonly silentForMs: number },
): Promise<readonly SlotState[]> {
  return db
    .select({
      id: slots.id,
      agentId: slots.agentId,
      host: agents.host,
      pid: agents.pid,
      position: slots.position,
      device: slots.device,
      memoryTotalBytes: slots.memoryTotalBytes,
      memoryUsedBytes: slots.memoryUsedBytes,
      utilisation: slots.utilisation,
      trialId: trials.id,
    })
    .from(slots)
    .innerJoin(agents, and(eq(agents.id, slots.agentId), isAlive(silentForMs)))
    .leftJoin(trials, and(eq(trials.slotId, slots.id), eq(trials.state, 'RUNNING')))
    .orderBy(asc(agents.host), asc(agents.startedAt), asc(agents.id), asc(slots.position));
}
