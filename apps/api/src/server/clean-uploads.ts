/** Removes uploads that no study trains on, once they have lain for a while. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listStudies, type Database } from '@kinetune/storage';
import { PART } from './uploads.ts';

export interface UploadRules {
  /** How long an upload is kept for a study to come, ms. */
  readonly keptMs: number;
}

export interface CleanUploadsOptions extends UploadRules {
  readonly home: string;
  readonly now: Date;
  /** Only says what would go. */
  readonly isDry?: boolean;
}

export interface RemovedUpload {
  /** Relative to the home. */
  readonly path: string;
  readonly bytes: number;
}

/** Studies are read after the uploads: one that is old enough to go and is named all the same is named by then. */
export async function cleanUploads(
  db: Database,
  { home, keptMs, now, isDry = false }: CleanUploadsOptions,
): Promise<readonly RemovedUpload[]> {
  const old = (await findUploads(home)).filter(({ arrivedAtMs }) => now.getTime() - arrivedAtMs > keptMs);
  if (old.length === 0) return [];
  // A study holds the absolute path, which may be that of a home that was moved since: the id tells.
  const named = (await listStudies(db)).map(({ data }) => data?.path ?? '').join('\n');
  const removed = old.filter(({ id }) => !named.includes(id));
  if (!isDry) for (const { id } of removed) await rm(join(home, 'uploads', id), { recursive: true, force: true });
  return removed.map(({ path, bytes }) => ({ path, bytes }));
}

interface Upload extends RemovedUpload {
  readonly id: string;
  readonly arrivedAtMs: number;
}

/** Those that have arrived. */
async function findUploads(home: string): Promise<readonly Upload[]> {
  const found: Upload[] = [];
  for (const id of await readdir(join(home, 'uploads')).catch(() => [])) {
    const [name, ...others] = await readdir(join(home, 'uploads', id)).catch(() => []);
    if (name === undefined || name === PART || others.length > 0) continue;
    const path = join('uploads', id, name);
    const { size, mtimeMs } = await stat(join(home, path));
    found.push({ id, path, bytes: size, arrivedAtMs: mtimeMs });
  }
  return found;
}
