/**
 * Deletes a study with its checkpoints and logs: whole, or not at all, whenever the process dies.
 *
 *   before the commit   its folders are moved to `<home>/deleted/<study id>`, with a list of what they were
 *   the commit          its rows are gone
 *   after the commit    what was moved is removed
 *
 * `sweepDeleted` settles what a death left: the rows are there, so the folders are moved back; or they are not, so what is left is
 * removed, with what a trainer that had not heard of its end may have written since.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deleteStudy as deleteRows, isStudyStored, type Database, type DeletedStudy } from '@kinetune/storage';
import { z } from 'zod';

export interface DeleteOptions {
  readonly home: string;
  /** The study's name, typed by the person who asks. */
  readonly confirmedName: string;
  /** For tests of what a death at that moment leaves. */
  readonly onMoment?: (moment: 'files-moved' | 'rows-gone') => void;
}

/** Where a study's files lie, relative to the home; the same paths lie below its folder of what is deleted. */
const movedFiles = z.strictObject({ folders: z.array(z.string()) });

const LIST = 'folders.json';

/** @throws InputError as the storage's deleteStudy. */
export async function deleteStudy(
  db: Database,
  studyId: string,
  { home, confirmedName, onMoment = () => {} }: DeleteOptions,
): Promise<DeletedStudy> {
  const bin = binOf(home, studyId);
  const beforeCommit = async (deleted: DeletedStudy): Promise<void> => {
    await moveAway(home, bin, deleted);
    onMoment('files-moved');
  };
  try {
    const deleted = await deleteRows(db, studyId, { confirmedName, beforeCommit });
    onMoment('rows-gone');
    // The list stays for the next start: a trainer that runs on may still write.
    for (const part of await readdir(bin)) if (part !== LIST) await rm(join(bin, part), { recursive: true });
    return deleted;
  } catch (error) {
    if (await isStudyStored(db, studyId)) await moveBack(home, bin);
    throw error;
  }
}

/** Settles deletions that the death of a process interrupted; call it before anything else uses the home. */
export async function sweepDeleted(db: Database, home: string): Promise<void> {
  const bins = await readdir(join(home, 'deleted')).catch(() => []);
  for (const studyId of bins) {
    const bin = binOf(home, studyId);
    if (await isStudyStored(db, studyId)) await moveBack(home, bin);
    else {
      for (const folder of await foldersIn(bin)) await rm(join(home, folder), { recursive: true, force: true });
      await rm(bin, { recursive: true, force: true });
    }
  }
}

function binOf(home: string, studyId: string): string {
  return join(home, 'deleted', studyId);
}

async function moveAway(home: string, bin: string, { study, trialIds }: DeletedStudy): Promise<void> {
  const logs = join('logs', study.name);
  const checkpoints = trialIds.map((id) => join('checkpoints', id));
  await mkdir(bin, { recursive: true });
  // A study of the same name may be made right away, so its logs are none of the sweep's business.
  await writeFile(join(bin, LIST), JSON.stringify({ folders: checkpoints }));
  for (const folder of [logs, ...checkpoints]) {
    if (!existsSync(join(home, folder))) continue;
    await mkdir(dirname(join(bin, folder)), { recursive: true });
    await rename(join(home, folder), join(bin, folder));
  }
}

async function moveBack(home: string, bin: string): Promise<void> {
  for (const kind of ['logs', 'checkpoints']) {
    for (const name of await readdir(join(bin, kind)).catch(() => [])) {
      await mkdir(join(home, kind), { recursive: true });
      await rename(join(bin, kind, name), join(home, kind, name));
    }
  }
  await rm(bin, { recursive: true, force: true });
}

/** None where the list was not written whole: then nothing had been moved yet. */
async function foldersIn(bin: string): Promise<readonly string[]> {
  try {
    return movedFiles.parse(JSON.parse(await readFile(join(bin, LIST), 'utf8'))).folders;
  } catch {
    return [];
  }
}
