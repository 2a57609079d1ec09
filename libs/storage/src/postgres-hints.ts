/**
 * Hints between the processes of a PostgreSQL database, by NOTIFY without a payload. It is sent outside of the transactions that it
 * tells of, since a commit that notifies holds a lock of the whole server, and at most once in `NOTIFY_GAP_MS`. Who listens has a
 * connection of its own for it, which is opened again when it breaks.
 */
import { Client, type Pool } from 'pg';
import { hintsWithin, type ChangeHints } from './change-hints.ts';

const CHANNEL = 'kinetune_changes';
const NOTIFY_GAP_MS = 25;
const RECONNECT_MS = { first: 100, longest: 5_000 } as const;

export function postgresHints(pool: Pool, connectionString: string): ChangeHints {
  const within = hintsWithin();
  let isEnded = false;
  let notifying: NodeJS.Timeout | undefined;
  let notifiedAt = -Infinity;
  const notify = (): void => {
    notifying = undefined;
    notifiedAt = performance.now();
    // One that is lost is made up for by the next look of those who follow.
    pool.query(`notify ${CHANNEL}`).catch(() => {});
  };

  let client: Client | undefined;
  let isHearing = false;
  let reconnecting: NodeJS.Timeout | undefined;
  const connect = async (waitMs: number): Promise<void> => {
    reconnecting = undefined;
    const own = new Client({ connectionString, keepAlive: true, application_name: 'kinetune live' });
    client = own;
    let isBroken = false;
    const onBroken = (): void => {
      if (isBroken) return;
      isBroken = true;
      isHearing = false;
      void own.end().catch(() => {});
      if (isEnded) return;
      reconnecting = setTimeout(() => void connect(Math.min(2 * waitMs, RECONNECT_MS.longest)), waitMs);
      reconnecting.unref();
    };
    own.on('error', onBroken);
    own.on('end', onBroken);
    own.on('notification', within.changed);
    try {
      await own.connect();
      await own.query(`listen ${CHANNEL}`);
      isHearing = !isBroken;
      waitMs = RECONNECT_MS.first;
      within.changed(); // What was said before was not heard.
    } catch {
      onBroken();
    }
  };

  return {
    changed() {
      within.changed();
      if (isEnded || notifying !== undefined) return;
      notifying = setTimeout(notify, Math.max(0, notifiedAt + NOTIFY_GAP_MS - performance.now()));
    },
    listen(onHint) {
      const listening = within.listen(onHint);
      if (client === undefined && !isEnded) void connect(RECONNECT_MS.first);
      return {
        get isHearing() {
          return isHearing;
        },
        [Symbol.dispose]: () => listening[Symbol.dispose](),
      };
    },
    async [Symbol.asyncDispose]() {
      isEnded = true;
      clearTimeout(notifying);
      clearTimeout(reconnecting);
      await client?.end().catch(() => {});
      await within[Symbol.asyncDispose]();
    },
  };
}
