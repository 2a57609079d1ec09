/**
 * Deletes a study with its checkpoints and logs: whole, or not at all, whenever the process dies.
 *
 *   before the commit   its folders are moved to `<store>/deleted/<study id>`, with a list of what they were
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
import { filesOf, measureFolders, type StudyFiles } from './study-files.ts';

export interface DeleteOptions {
  /** The folder of checkpoints and logs. */
  readonly store: string;
  /** The study's name, typed by the person who asks. */
  readonly confirmedName: string;
  /** For tests of what a death at that moment leaves. */
  readonly onMoment?: (moment: 'files-moved' | 'rows-gone') => void;
}

/** Where a study's files lie, relative to the store; the same paths lie below its folder of what is deleted. */
const movedFiles = z.strictObject({ folders: z.array(z.string()) });

const LIST = 'folders.json';

/** @throws InputError as the storage's deleteStudy. */
export async function deleteStudy(
  db: Database,
  studyId: string,
  { store, confirmedName, onMoment = () => {} }: DeleteOptions,
): Promise<DeletedStudy & StudyFiles> {
  const bin = binOf(store, studyId);
  const beforeCommit = async (deleted: DeletedStudy): Promise<void> => {
    await moveAway(store, bin, deleted);
    onMoment('files-moved');
  };
  try {
    const deleted = await deleteRows(db, studyId, { confirmedName, beforeCommit });
    onMoment('rows-gone');
    const files = await measureFolders(bin, filesOf(deleted.study.name, deleted.trialIds));
    // The list stays for the next start: a trainer that runs on may still write.
    for (const part of await readdir(bin)) if (part !== LIST) await rm(join(bin, part), { recursive: true });
    return { ...deleted, ...files };
  } catch (error) {
    if (await isStudyStored(db, studyId)) await moveBack(store, bin);
    throw error;
  }
}

/** Settles deletions that the death of a process interrupted; call it before anything else uses the store. */
export async function sweepDeleted(db: Database, store: string): Promise<void> {
  const bins = await readdir(join(store, 'deleted')).catch(() => []);
  for (const studyId of bins) {
    const bin = binOf(store, studyId);
    if (await isStudyStored(db, studyId)) await moveBack(store, bin);
    else {
      for (const folder of await foldersIn(bin)) await rm(join(store, folder), { recursive: true, force: true });
      await rm(bin, { recursive: true, force: true });
    }
  }
}

function binOf(store: string, studyId: string): string {
  return join(store, 'deleted', studyId);
}

async function moveAway(store: string, bin: string, { study, trialIds }: DeletedStudy): Promise<void> {
  const { logs, checkpoints } = filesOf(study.name, trialIds);
  await mkdir(bin, { recursive: true });
  // A study of the same name may be made right away, so its logs are none of the sweep's business.
  await writeFile(join(bin, LIST), JSON.stringify({ folders: checkpoints }));
  for (const folder of [logs, ...checkpoints]) {
    if (!existsSync(join(store, folder))) continue;
    await mkdir(dirname(join(bin, folder)), { recursive: true });
    await rename(join(store, folder), join(bin, folder));
  }
}

async function moveBack(store: string, bin: string): Promise<void> {
  for (const kind of ['logs', 'checkpoints']) {
    for (const name of await readdir(join(bin, kind)).catch(() => [])) {
      await mkdir(join(store, kind), { recursive: true });
      await rename(join(bin, kind, name), join(store, kind, name));
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
