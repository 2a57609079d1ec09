/** Removes the checkpoints of a store that its rules let go. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { listCheckpointOwners, type Database } from '@kinetune/storage';
import {
  checkpointSort,
  chooseCheckpoints,
  type Retention,
  type RetentionRules,
  type StoredCheckpoint,
} from './choose-checkpoints.ts';

export interface CleanOptions extends RetentionRules {
  /** The folder of checkpoints, logs and windows. */
  readonly store: string;
  /** Only says what would go. */
  readonly isDry?: boolean;
}

/**
 * The owners are read after the folders: a checkpoint that is found has an owner by then, unless it is not ours. One that is going is
 * moved aside first, so that nobody finds half of it.
 */
export async function cleanCheckpoints(
  db: Database,
  { store, isDry = false, ...rules }: CleanOptions,
): Promise<Retention> {
  const checkpoints = await findCheckpoints(store);
  const retention = chooseCheckpoints(checkpoints, await listCheckpointOwners(db), rules);
  if (isDry || retention.removals.length === 0) return retention;
  const bin = join(store, 'removed', randomUUID());
  await mkdir(bin, { recursive: true });
  for (const [index, { path }] of retention.removals.entries())
    await rename(join(store, path), join(bin, String(index))).catch(ignoreMissing);
  await rm(join(store, 'removed'), { recursive: true, force: true });
  return retention;
}

/** `step-000123` and `state-000123` of each trial's folder, with their sizes. */
async function findCheckpoints(store: string): Promise<readonly StoredCheckpoint[]> {
  const found: StoredCheckpoint[] = [];
  for (const trialId of await namesIn(join(store, 'checkpoints')))
    for (const name of await namesIn(join(store, 'checkpoints', trialId))) {
      const sort = checkpointSort(name);
      if (sort === undefined) continue;
      const path = posix.join('checkpoints', trialId, name);
      found.push({ trialId, sort, path, bytes: await bytesOf(join(store, path)) });
    }
  return found;
}

async function bytesOf(folder: string): Promise<number> {
  const sizes = await Promise.all(
    (await namesIn(folder)).map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((total, size) => total + size, 0);
}

/** None where there is no such folder: it may go at any moment. */
function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
