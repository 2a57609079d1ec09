import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  countTrials,
  createApiToken,
  finishTrial,
  listStudies,
  openStorage,
  readRows,
  recordMeasurements,
  storedTables,
  type Database,
} from '@kinetune/storage';
import { runningStudy } from '@kinetune/storage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restoreBackup } from './restore-backup.ts';
import { writeBackup } from './write-backup.ts';

const now = new Date('2026-01-02T03:04:05Z');

async function allRows(db: Database): Promise<Record<string, readonly string[]>> {
  return db.transaction(async (tx) => {
    const rows: Record<string, readonly string[]> = {};
    for (const table of await storedTables(tx)) {
      const found: string[] = [];
      for await (const part of readRows(tx, table)) found.push(...part);
      rows[table] = found.sort();
    }
    return rows;
  });
}

describe('a backup', () => {
  const root = mkdtempSync(join(tmpdir(), 'kinetune-backup-'));
  const home = join(root, 'home');
  const files: Readonly<Record<string, string>> = {
    'checkpoints/a/step-000001/model.safetensors': 'x'.repeat(100_000),
    'checkpoints/a/measurements.log': '',
    'logs/study/trial-0000.log': 'a line\n',
    'windows/é long name.windows': '\0\x01',
  };
  const backup = join(root, 'backup.tar.gz');
  let rows: Record<string, readonly string[]>;

  beforeAll(async () => {
    await using storage = await openStorage(home);
    const { db } = storage;
    const parent = await runningStudy(db, { name: 'a-parent' });
    const { propose, claim } = await runningStudy(db, { name: 'Z "child"', from: 'a-parent', seed: 2 ** 32 - 1 });
    await parent.propose(0, [1, 2, 3]);
    await propose(0, [2 ** 32 - 1], { learningRate: 0.1 + 0.2 });
    const { writer } = await claim();
    const measured = Array.from({ length: 1234 }, (_, step) => ({
      step,
      epoch: step / 3,
      values: { trainLoss: step === 7 ? NaN : 1e-300 * step, validationAccuracy: 1 / (step + 1) },
    }));
    await recordMeasurements(db, writer, measured);
    await finishTrial(db, writer, { state: 'COMPLETED' });
    await createApiToken(db, { name: 'ann', role: 'viewer', expiresAt: null });
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(home, name)), { recursive: true });
      writeFileSync(join(home, name), text);
    }
    rows = await allRows(db);
    const summary = await writeBackup(db, backup, { store: home, now });
    expect(summary).toMatchObject({ files: 4, vanished: [] });
    await expect(writeBackup(db, backup, { store: home, now })).rejects.toMatchObject({ code: 'backup-exists' });
    await expect(writeBackup(db, join(root, 'b.zip'), { store: home, now })).rejects.toMatchObject({
      code: 'backup-name',
    });
    await expect(writeBackup(db, join(root, 'none', 'b.tar'), { store: home, now })).rejects.toMatchObject({
      code: 'backup-folder',
    });
    await writeBackup(db, join(root, 'backup.tar.zst'), { store: home, now });
  }, 120_000);
  afterAll(() => rmSync(root, { recursive: true }));

  const restored = (name: string): string => join(root, 'restored', name);

  it.each(['backup.tar.gz', 'backup.tar.zst'])('is put back row by row and byte by byte: %s', async (name) => {
    const target = restored(name);
    mkdirSync(target, { recursive: true }); // An empty folder is no home yet.
    expect(await restoreBackup(join(root, name), { home: target, databaseUrl: undefined })).toMatchObject({
      files: 4,
      createdAt: now.toISOString(),
    });
    for (const [file, text] of Object.entries(files)) expect(readFileSync(join(target, file), 'utf8')).toBe(text);
    await using storage = await openStorage(target);
    expect(await allRows(storage.db)).toEqual(rows);
    const studies = await listStudies(storage.db);
    expect(studies.map(({ name: study }) => study).sort()).toEqual(['Z "child"', 'a-parent']);
    const child = studies.find(({ from }) => from === 'a-parent');
    expect((await countTrials(storage.db, child?.id as string)).COMPLETED).toBe(1);
    expect(readdirSync(target).sort()).toEqual(expect.arrayContaining(['checkpoints', 'database', 'logs', 'windows']));
    expect(existsSync(`${target}.restoring`)).toBe(false);
  });

  it('is not put into a home that holds something', async () => {
    const before = readdirSync(home);
    await expect(restoreBackup(backup, { home, databaseUrl: undefined })).rejects.toMatchObject({
      code: 'home-not-empty',
    });
    expect(readdirSync(home)).toEqual(before);
  });

  const tar = (): Buffer => gunzipSync(readFileSync(backup));
  const replaced = (from: string, to: string): Buffer => {
    const bytes = tar();
    const at = bytes.indexOf(from);
    expect(at).toBeGreaterThan(0);
    bytes.write(to, at);
    return bytes;
  };

  it.each([
    ['cut short', () => tar().subarray(0, tar().length / 2)],
    ['with a byte of a file changed', () => replaced('a line\n', 'a lime\n')],
    ['with a row that is no JSON', () => replaced('{"id": "', '{{{{{{{')],
    ['with an entry that leads elsewhere', () => withName('logs/study/trial-0000.log', '../../../../outside.txt')],
    ['that is no archive', () => Buffer.from('not a tar at all')],
    ['that is empty', () => Buffer.alloc(0)],
  ])('%s leaves nothing behind', async (_, bytes) => {
    const file = join(root, 'broken.tar');
    writeFileSync(file, bytes());
    const target = join(root, 'none');
    const error = await restoreBackup(file, { home: target, databaseUrl: undefined }).catch((one: unknown) => one);
    expect(error).toMatchObject({ name: 'InputError', code: expect.stringMatching(/^(backup-damaged|no-backup)$/) });
    expect([
      existsSync(target),
      existsSync(`${target}.restoring`),
      existsSync(join(root, '..', 'outside.txt')),
    ]).toEqual([false, false, false]);
  });

  /** The archive with an entry renamed, its header's checksum made right again. */
  function withName(from: string, to: string): Buffer {
    const bytes = tar();
    const at = bytes.indexOf(`${from}\0`);
    bytes.fill(0, at, at + 100);
    bytes.write(to, at);
    bytes.fill(' ', at + 148, at + 156);
    const sum = bytes.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148);
    return bytes;
  }

  it.each([
    ['backup.tar.gz', 200],
    ['backup.tar.gz', 1],
    ['backup.tar.zst', 200],
  ])('%s without its last %i bytes leaves nothing behind either', async (name, missing) => {
    const file = join(root, `cut-${name}`);
    const whole = readFileSync(join(root, name));
    writeFileSync(file, whole.subarray(0, whole.length - missing));
    const target = join(root, 'none');
    await expect(restoreBackup(file, { home: target, databaseUrl: undefined })).rejects.toMatchObject({
      code: 'backup-damaged',
    });
    expect(existsSync(target)).toBe(false);
  });
});
