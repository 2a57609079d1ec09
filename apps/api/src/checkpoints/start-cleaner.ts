/** Cleans a store, and the uploads of a home, now and again, for as long as a scheduler's process runs. */
import type { Database } from '@kinetune/storage';
import type { Logger } from 'pino';
import { cleanUploads, type UploadRules } from '../server/clean-uploads.ts';
import { cleanCheckpoints, type CleanOptions } from './clean-checkpoints.ts';

const EVERY_MS = 5 * 60_000;

export interface CleanerOptions extends CleanOptions {
  readonly log: Logger;
  readonly everyMs?: number;
  readonly uploads: UploadRules & { readonly home: string };
}

/** Disposed: removes nothing more, once what it is about to remove is gone. */
export function startCleaner(
  db: Database,
  { log, everyMs = EVERY_MS, uploads, ...options }: CleanerOptions,
): AsyncDisposable {
  let running: Promise<void> = Promise.resolve();
  const clean = async (): Promise<void> => {
    try {
      const { removals, keptBytes, excessBytes } = await cleanCheckpoints(db, options);
      if (removals.length > 0) log.info({ removed: removals.length, keptBytes }, 'checkpoints were removed');
      if (excessBytes > 0)
        log.warn({ keptBytes, excessBytes }, 'checkpoints are beyond the quota, and all that are left have to be kept');
      const removedUploads = await cleanUploads(db, { ...uploads, now: new Date() });
      if (removedUploads.length > 0) log.info({ removedUploads }, 'uploads that no study trains on were removed');
    } catch (error) {
      log.error({ err: error }, 'checkpoints and uploads could not be cleaned; it is tried again');
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
