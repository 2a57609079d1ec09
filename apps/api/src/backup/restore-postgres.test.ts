/** Backups and moves that have PostgreSQL at one end; and a restore that is killed. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countTrials, listStudies, openPostgres, openStorage } from '@kinetune/storage';
import { findPostgres, runningStudy, startPostgres, type PostgresServer } from '@kinetune/storage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runKinetune, startKinetune } from '../testing/kinetune-process.ts';

const postgres = findPostgres();
const why = postgres === undefined ? ' (skipped: no PostgreSQL; apt-get install -y postgresql)' : '';

describe.skipIf(postgres === undefined)(`a home and PostgreSQL${why}`, () => {
  const root = mkdtempSync(join(tmpdir(), 'kinetune-move-'));
  const home = join(root, 'home');
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres();
    await using storage = await openStorage(home);
    const { propose, claim } = await runningStudy(storage.db, { name: 'moved' });
    for (const number of [0, 1, 2]) await propose(number);
    await claim();
    mkdirSync(join(home, 'checkpoints', 'a'), { recursive: true });
    writeFileSync(join(home, 'checkpoints', 'a', 'weights'), 'w'.repeat(5_000_000));
  }, 120_000);
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(root, { recursive: true });
  });

  const run = (args: readonly string[], environment: Record<string, string> = {}, at = home) =>
    runKinetune([...args, '--json'], { home: at, trainer: undefined, environment });
  async function contents(folder: string, url: string | undefined): Promise<unknown> {
    await using storage = url === undefined ? await openStorage(folder) : await openPostgres(folder, url);
    const [study] = await listStudies(storage.db);
    return { name: study?.name, ...(study && (await countTrials(storage.db, study.id))) };
  }

  it('is backed up, moved, backed up from there, and restored to either; never over something', async () => {
    const [first, second] = [join(root, 'first.tar.zst'), join(root, 'second.tar.gz')];
    const expected = { name: 'moved', QUEUED: 2, RUNNING: 1 };
    expect(await run(['backup', first])).toMatchObject({ code: 0 });
    const url = server.newDatabase();
    const moved = await run(['move'], { DATABASE_URL: url });
    expect(moved).toMatchObject({ code: 0 });
    expect(JSON.parse(moved.stdout)).toMatchObject({ rows: { studies: 1, trials: 3, configurations: 3 } });
    expect([existsSync(join(home, 'database')), existsSync(join(home, 'database.moved-to-postgresql'))]).toEqual([
      false,
      true,
    ]);
    expect(await contents(home, url)).toMatchObject(expected);
    for (const [args, environment, code] of [
      [['study', 'list'], {}, 'home-moved'], // Never a new, empty database beside the old one.
      [['move'], { DATABASE_URL: url }, 'moved-already'],
    ] as const) {
      const { stdout } = await run(args, environment);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code } });
    }
    expect(existsSync(join(home, 'database'))).toBe(false);
    expect(await run(['backup', second], { DATABASE_URL: url })).toMatchObject({ code: 0 });

    const over = await run(['restore', first], { DATABASE_URL: url }, join(root, 'over'));
    expect(JSON.parse(over.stdout)).toMatchObject({ error: { code: 'database-not-empty' } });
    expect(existsSync(join(root, 'over'))).toBe(false);

    const [toFolder, toServer] = [join(root, 'to-folder'), join(root, 'to-server')];
    const other = server.newDatabase();
    expect(await run(['restore', second], {}, toFolder)).toMatchObject({ code: 0 });
    expect(await run(['restore', first], { DATABASE_URL: other }, toServer)).toMatchObject({ code: 0 });
    expect(await contents(toFolder, undefined)).toMatchObject(expected);
    expect(await contents(toServer, other)).toMatchObject(expected);
    for (const folder of [toFolder, toServer])
      expect(existsSync(join(folder, 'checkpoints', 'a', 'weights'))).toBe(true);
  }, 300_000);

  it('that is killed while it is restored is not there, and can be restored again', async () => {
    const file = join(root, 'first.tar.zst');
    const target = join(root, 'killed');
    const process = startKinetune(['restore', file], { home: target, trainer: undefined });
    await expect.poll(() => existsSync(`${target}.restoring`), { timeout: 60_000, interval: 20 }).toBe(true);
    process.kill('SIGKILL');
    await process.result;
    expect(existsSync(target)).toBe(false);
    expect(await run(['restore', file], {}, target)).toMatchObject({ code: 0 });
    expect(await contents(target, undefined)).toMatchObject({ name: 'moved', QUEUED: 2 });
  }, 300_000);

  it('that is killed while it is backed up leaves no file of that name', async () => {
    const file = join(root, 'killed.tar.gz');
    // Compressing what has no pattern takes seconds: it is met while it is written.
    writeFileSync(join(root, 'killed', 'checkpoints', 'a', 'more'), randomBytes(100_000_000));
    const process = startKinetune(['backup', file], { home: join(root, 'killed'), trainer: undefined });
    await expect.poll(() => existsSync(`${file}.unfinished`), { timeout: 60_000, interval: 5 }).toBe(true);
    process.kill('SIGKILL');
    expect(await process.result).toMatchObject({ signal: 'SIGKILL' });
    expect(existsSync(file)).toBe(false);
  }, 120_000);
});
