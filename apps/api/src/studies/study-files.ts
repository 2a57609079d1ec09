/** What a study keeps in the store: the log and the checkpoints of each of its trials. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listTrials, type Database, type Study } from '@kinetune/storage';
import { checkpointSort } from '../checkpoints/choose-checkpoints.ts';

/** Relative to the store. */
export interface StudyFolders {
  readonly logs: string;
  /** One for each trial. */
  readonly checkpoints: readonly string[];
}

export interface StudyFiles {
  readonly checkpoints: number;
  /** Of logs and checkpoints. */
  readonly bytes: number;
}

export function filesOf(studyName: string, trialIds: readonly string[]): StudyFolders {
  return { logs: join('logs', studyName), checkpoints: trialIds.map((id) => join('checkpoints', id)) };
}

/** What would go with a study that is deleted. */
export async function measureStudy(db: Database, { id, name }: Pick<Study, 'id' | 'name'>, store: string) {
  const trialIds = (await listTrials(db, id)).map((trial) => trial.id);
  return { trials: trialIds.length, ...(await measureFolders(store, filesOf(name, trialIds))) };
}

/** How much lies there below `root`; a folder that is missing holds nothing. */
export async function measureFolders(root: string, { logs, checkpoints }: StudyFolders): Promise<StudyFiles> {
  let [count, bytes] = [0, 0];
  for (const folder of [logs, ...checkpoints]) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.isDirectory()) count += Number(checkpointSort(entry.name) !== undefined);
      else bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))).size;
    }
  }
  return { checkpoints: count, bytes };
}
