/** Cleans a store now and again, for as long as a scheduler's process runs. */
import type { Database } from '@kinetune/storage';
import type { Logger } from 'pino';
import { cleanCheckpoints, type CleanOptions } from './clean-checkpoints.ts';

const EVERY_MS = 5 * 60_000;

export interface CleanerOptions extends CleanOptions {
  readonly log: Logger;
  readonly everyMs?: number;
}

/** Disposed: removes nothing more, once what it is about to remove is gone. */
export function startCleaner(db: Database, { log, everyMs = EVERY_MS, ...options }: CleanerOptions): AsyncDisposable {
  let running: Promise<void> = Promise.resolve();
  const clean = async (): Promise<void> => {
    try {
      const { removals, keptBytes, excessBytes } = await cleanCheckpoints(db, options);
      if (removals.length > 0) log.info({ removed: removals.length, keptBytes }, 'checkpoints were removed');
      if (excessBytes > 0)
        log.warn({ keptBytes, excessBytes }, 'checkpoints are beyond the quota, and all that are left have to be kept');
    } catch (error) {
      log.error({ err: error }, 'checkpoints could not be cleaned; it is tried again');
    }
  };
  const timer = setInterval(() => {
    running = running.then(clean);
  }, everyMs);
  running = clean();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await running;
    },
  };
}
