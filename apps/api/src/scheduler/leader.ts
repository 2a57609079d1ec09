/** Whether this process leads: at most one does at any time, and one that cannot reach the database stops before another may begin. */
import { randomUUID } from 'node:crypto';
import { giveUpLead, takeLead, type Database } from '@kinetune/storage';

export interface Leader extends AsyncDisposable {
  /** Takes or renews the lead where it is time to; whether this process leads from now until it has to ask again. */
  lead(): Promise<boolean>;
  /** Whether the lead is certain still. */
  readonly isLeading: boolean;
}

/** Another process leads after at most this long without a sign of life of the leader. */
const LEASE_MS = 15_000;

/** Leads where nobody else can have the database open. */
export const soleLeader: Leader = {
  lead: async () => true,
  isLeading: true,
  [Symbol.asyncDispose]: async () => {},
};

export function createLeader(db: Database, { leaseMs = LEASE_MS }: { readonly leaseMs?: number } = {}): Leader {
  const own = { name: 'scheduler', holder: randomUUID() };
  /** Of the last success: when it began, so that the database's lease cannot end before ours. */
  let ledFrom = -Infinity;
  const isFresh = (share: number): boolean => performance.now() - ledFrom < leaseMs * share;
  return {
    async lead() {
      if (isFresh(1 / 3)) return true;
      const from = performance.now();
      const isTaken = await takeLead(db, own, leaseMs);
      ledFrom = isTaken ? from : -Infinity;
      return isTaken;
    },
    get isLeading() {
      return isFresh(2 / 3);
    },
    async [Symbol.asyncDispose]() {
      if (ledFrom > -Infinity) await giveUpLead(db, own).catch(() => {}); // else it ends by itself
      ledFrom = -Infinity;
    },
  };
}
