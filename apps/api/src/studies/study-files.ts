/** What a study keeps in the store: the log and the checkpoints of each of its trials. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
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
