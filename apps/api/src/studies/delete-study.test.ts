import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findStudyByName, listTrials, openStorage, setStudyState } from '@kinetune/storage';
import { runningStudy } from '@kinetune/storage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareHomes, type PreparedHomes } from '../testing/prepared-home.ts';
import { deleteStudy, sweepDeleted } from './delete-study.ts';

describe('deleting a study', () => {
  let homes: PreparedHomes;
  beforeAll(async () => void (homes = await prepareHomes()), 120_000);
  afterAll(() => homes[Symbol.dispose]());

  /** A paused study with two trials' checkpoints and a log. */
  async function homeWithStudy() {
    const home = homes.create();
    await using storage = await openStorage(home);
    const { study, propose } = await runningStudy(storage.db, { name: 'doomed' });
    const trials = [...(await propose(0)), ...(await propose(1))];
    await setStudyState(storage.db, study.id, 'PAUSED');
    const files = [...trials.map(({ id }) => `checkpoints/${id}/best.bin`), 'logs/doomed/trial-0000.log'];
    for (const file of files) {
      mkdirSync(join(home, file, '..'), { recursive: true });
      writeFileSync(join(home, file), file);
    }
    return { home, studyId: study.id, files };
  }
  const killed = (home: string, moment: string) =>
    spawnSync(process.execPath, [join(import.meta.dirname, '../testing/deleting-process.ts'), home, 'doomed', moment], {
      encoding: 'utf8',
    });

  it('leaves all of it where the process is killed before the rows are gone', async () => {
    const { home, files, studyId } = await homeWithStudy();
    expect(killed(home, 'files-moved').signal).toBe('SIGKILL');
    expect(files.map((file) => existsSync(join(home, file)))).toEqual(files.map(() => false));
    await using storage = await openStorage(home);
    await sweepDeleted(storage.db, home);
    expect(await listTrials(storage.db, studyId)).toHaveLength(2);
    for (const file of files) expect(readFileSync(join(home, file), 'utf8')).toBe(file);
    expect(readdirSync(join(home, 'deleted'))).toEqual([]);
  });

  it('leaves nothing where the process is killed after the rows are gone', async () => {
    const { home, files } = await homeWithStudy();
    expect(killed(home, 'rows-gone').signal).toBe('SIGKILL');
    await using storage = await openStorage(home);
    expect(await findStudyByName(storage.db, 'doomed')).toBeUndefined();
    await sweepDeleted(storage.db, home);
    expect(files.map((file) => existsSync(join(home, file)))).toEqual(files.map(() => false));
    expect(readdirSync(join(home, 'deleted'))).toEqual([]);
  });

  it('sweeps what a trainer wrote after the deletion, and no log of a later study of the name', async () => {
    const { home, files, studyId } = await homeWithStudy();
    await using storage = await openStorage(home);
    await deleteStudy(storage.db, studyId, { store: home, confirmedName: 'doomed' });
    expect(files.map((file) => existsSync(join(home, file)))).toEqual(files.map(() => false));
    for (const file of files) {
      mkdirSync(join(home, file, '..'), { recursive: true });
      writeFileSync(join(home, file), 'late');
    }
    await sweepDeleted(storage.db, home);
    expect(files.map((file) => existsSync(join(home, file)))).toEqual([false, false, true]);
    await sweepDeleted(storage.db, home);
  });
});
