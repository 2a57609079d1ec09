import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createConfiguration, listConfigurations } from './configurations.ts';
import { listMeasurements } from './curves.ts';
import { eventsAfter } from './events.ts';
import { MIGRATIONS_FOLDER } from './migrate-storage.ts';
import { openStorage } from './open-storage.ts';
import { createStudy, findStudyByName } from './studies.ts';
import { measured } from './testing/running-study.ts';
import { sampleStudy } from './testing/sample-study.ts';
import { storageProcess } from './testing/storage-process.ts';
import { temporaryFolder, temporaryHome } from './testing/temporary-folder.ts';
import { listTrials } from './trials.ts';

/** A migrations folder with one more migration, as the next version would have it. */
function nextVersion(folder: string): string {
  const migrations = join(folder, 'migrations');
  cpSync(MIGRATIONS_FOLDER, migrations, { recursive: true });
  const file = join(migrations, 'meta', '_journal.json');
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: Record<string, unknown>[] };
  const when = Date.UTC(2099, 0, 2);
  journal.entries.push({ idx: journal.entries.length, version: '7', when, tag: '9999_next', breakpoints: true });
  writeFileSync(file, JSON.stringify(journal));
  const sql = 'ALTER TABLE "studies" ADD COLUMN "colour" text DEFAULT \'blue\' NOT NULL;';
  writeFileSync(join(migrations, '9999_next.sql'), sql);
  return migrations;
}

describe('opening a storage', () => {
  it('keeps what was written before it was closed', async () => {
    using folder = temporaryFolder();
    const home = join(folder.path, 'a', 'b');
    {
      await using storage = await openStorage(home);
      await createStudy(storage.db, sampleStudy());
    }
    await using storage = await openStorage(home);
    expect(await findStudyByName(storage.db, 'sample')).toMatchObject(sampleStudy());
  });

  it('finds everything that was acknowledged before a kill -9 in mid-write, round after round', async () => {
    using folder = await temporaryHome();
    let acknowledged = 0;
    for (const writes of [5, 30]) {
      await using child = storageProcess(folder.path, 'write');
      expect(await child.nextLine()).toBe('open');
      for (let count = 0; count < writes; count++) {
        expect(await child.nextLine()).toBe(`written ${++acknowledged}`);
      }
      await child.kill();
      await using storage = await openStorage(folder.path);
      const { db } = storage;
      const study = await findStudyByName(db, 'sample-0');
      const [trial] = await listTrials(db, study?.id as string);
      const found = await listMeasurements(db, trial?.studyId as string, trial?.id as string);
      // The writer may have committed more than it could say.
      expect(found.length).toBeGreaterThanOrEqual(acknowledged);
      expect(found).toEqual(found.map((_, index) => measured(index + 1, 0.5)));
      expect(trial?.lastStep).toBe(found.length);
      const events = await eventsAfter(db, trial?.studyId as string, { sequence: 0 });
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
      expect(events.at(-1)?.sequence).toBe(study?.eventSequence);
      acknowledged = found.length;
    }
  }, 180_000);

  it('begins anew where a first start was interrupted', async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'database.unfinished', 'base'), { recursive: true });
    writeFileSync(join(folder.path, 'database.unfinished', 'PG_VERSION'), '18\n');
    await using storage = await openStorage(folder.path);
    await createStudy(storage.db, sampleStudy());
    expect(existsSync(join(folder.path, 'database.unfinished'))).toBe(false);
  });

  it('survives a kill -9 at any moment of a first start', async () => {
    using folder = temporaryFolder();
    for (let round = 0; round < 2; round++) {
      await using child = storageProcess(folder.path, 'write');
      // The first sign of work, whichever file it is; then at once.
      while (!readdirSync(folder.path).some((name) => name.startsWith('database.unfinished') || name === 'database')) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await child.kill();
    }
    await using storage = await openStorage(folder.path);
    await createStudy(storage.db, sampleStudy());
  });

  it('brings a database of an older version to the present one and keeps its data', async () => {
    using folder = await temporaryHome();
    {
      await using storage = await openStorage(folder.path);
      await createStudy(storage.db, sampleStudy());
    }
    const migrationsFolder = nextVersion(folder.path);
    {
      await using storage = await openStorage(folder.path, { migrationsFolder });
      expect(await findStudyByName(storage.db, 'sample')).toMatchObject(sampleStudy());
    }
    // And an older version refuses what the newer one wrote, leaving it as it is.
    await expect(openStorage(folder.path)).rejects.toMatchObject({ name: 'EnvironmentError', code: 'storage-newer' });
    await expect(openStorage(folder.path)).rejects.toThrow(/newer version of Kinetune .*2099-01-02.*update Kinetune/);
    await using storage = await openStorage(folder.path, { migrationsFolder });
    expect(await findStudyByName(storage.db, 'sample')).toMatchObject(sampleStudy());
  });

  it.each([
    ['its control file is cut short', (files: string) => truncateSync(join(files, 'global', 'pg_control'), 100)],
    ['its control file is missing', (files: string) => rmSync(join(files, 'global', 'pg_control'))],
    ['its log is missing', (files: string) => rmSync(join(files, 'pg_wal'), { recursive: true })],
    ['it is of another PostgreSQL', (files: string) => writeFileSync(join(files, 'PG_VERSION'), '12\n')],
    ['its version file is missing', (files: string) => rmSync(join(files, 'PG_VERSION'))],
  ])('refuses a damaged database with a clear message: %s', async (_, damage) => {
    using folder = await temporaryHome();
    damage(join(folder.path, 'database'));
    const refused = openStorage(folder.path);
    await expect(refused).rejects.toMatchObject({ name: 'EnvironmentError', code: 'storage-damaged' });
    await expect(refused).rejects.toThrow(/could not open the database in .*put back a copy/);
    // The lock is free again.
    await expect(openStorage(folder.path)).rejects.toMatchObject({ code: 'storage-damaged' });
  });

  it('says which folder it could not make', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'file'), '');
    await expect(openStorage(join(folder.path, 'file', 'home'))).rejects.toMatchObject({ code: 'home-not-writable' });
    await expect(openStorage('/proc/nobody/home')).rejects.toMatchObject({ code: 'home-not-writable' });
  });

  it('refuses to write before the disk is full, keeps what it has, and goes on once there is space', async () => {
    using folder = await temporaryHome();
    let free = 1e12;
    const configuration = (number: number) => ({
      number,
      values: { learningRate: 0.1 },
      spaceVersion: 1,
      samplerNote: { sampler: 'halton', engineVersion: 1, reason: 'test' },
      trials: [{ seed: 1, fold: 0 }],
    });
    await using storage = await openStorage(folder.path, { freeBytes: () => free });
    const { id } = await createStudy(storage.db, sampleStudy());
    await createConfiguration(storage.db, id, configuration(0));
    free = 10_000_000;
    const refused = createConfiguration(storage.db, id, configuration(1));
    await expect(refused).rejects.toMatchObject({ name: 'EnvironmentError', code: 'storage-full' });
    await expect(refused).rejects.toThrow(/needs 48 MB free, there are 9 MB.*run the same command again/);
    expect(await listConfigurations(storage.db, id)).toHaveLength(1);
    free = 1e12;
    await createConfiguration(storage.db, id, configuration(1));
    expect(await listConfigurations(storage.db, id)).toHaveLength(2);
  });

  it('needs space for a new database before it begins one', async () => {
    using folder = temporaryFolder();
    await expect(openStorage(folder.path, { freeBytes: () => 60_000_000 })).rejects.toMatchObject({
      code: 'storage-full',
    });
    expect(existsSync(join(folder.path, 'database'))).toBe(false);
  });

  it('keeps its log short while it is open', async () => {
    using folder = await temporaryHome();
    await using storage = await openStorage(folder.path);
    const { id } = await createStudy(storage.db, sampleStudy());
    const segments = (): number =>
      readdirSync(join(folder.path, 'database', 'pg_wal')).filter((name) => name.length === 24).length;
    let most = 0;
    for (let number = 0; number < 40; number++) {
      // About 4 MB each that compression does not shrink: 160 MB, ten segments, in all.
      const noise = Array.from({ length: 1 << 18 }, (_, i) => (Math.imul(i + number, 2654435761) >>> 0).toString(36));
      await createConfiguration(storage.db, id, {
        number,
        values: { noise: noise.join('') },
        spaceVersion: 1,
        samplerNote: { sampler: 'halton', engineVersion: 1, reason: 'test' },
        trials: [{ seed: 1, fold: 0 }],
      });
      most = Math.max(most, segments());
    }
    expect(most).toBeLessThanOrEqual(6);
  });
});
