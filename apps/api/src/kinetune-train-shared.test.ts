/** `kinetune train` on a PostgreSQL database that it shares: with nobody, with itself, with a server of another home. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findStudyByName, listTrials, openPostgres, type Study, type Trial } from '@kinetune/storage';
import { findPostgres, startPostgres, type PostgresServer } from '@kinetune/storage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FakeBehaviour } from './testing/fake-trainer.ts';
import { runKinetune, startKinetune } from './testing/kinetune-process.ts';
import { writeSmallStudy } from './testing/small-study.ts';

const postgres = findPostgres();
const why = postgres === undefined ? ' (skipped: no PostgreSQL; apt-get install -y postgresql)' : '';

describe.skipIf(postgres === undefined)(`kinetune train on PostgreSQL${why}`, { timeout: 180_000 }, () => {
  const root = mkdtempSync(join(tmpdir(), 'kinetune-shared-'));
  const store = join(root, 'store');
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 120_000);
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(root, { recursive: true });
  });

  /** The checkout may change while the tests run, which is nothing that they are about. */
  const train = (study: string, ...words: string[]) => ['train', study, '--any-code', ...words];
  let machines = 0;
  /** Runs as on a machine of its own: another home, the same store. */
  const machine = (url: string, trainer: FakeBehaviour) => ({
    home: join(root, `machine-${machines++}`),
    trainer,
    environment: { DATABASE_URL: url, KINETUNE_STORE: store, KINETUNE_SILENT_AGENT_MS: '3000' },
  });
  async function stored(url: string, name: string): Promise<{ study: Study; trials: readonly Trial[] }> {
    await using storage = await openPostgres(join(root, 'reader'), url);
    const study = (await findStudyByName(storage.db, name)) as Study;
    return { study, trials: await listTrials(storage.db, study.id) };
  }
  const ends = ({ trials }: { trials: readonly Trial[] }) => trials.map(({ number, state }) => `${number} ${state}`);
  const completed = (count: number) => Array.from({ length: count }, (_, number) => `${number} COMPLETED`);

  it('hosts everything itself, through both phases, and gives the findings of an embedded home', async () => {
    const study = writeSmallStudy(join(root, 'alone'), {
      name: 'alone',
      search: 'exploit: { trials: 2, sampler: halton, override: it is only a test }',
    });
    const url = server.newDatabase();
    const shared = machine(url, { epochs: 3 });
    const { code, stdout, stderr } = await runKinetune(train(study, '--slots', '2', '--json'), shared);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/trial 5 completed/) });
    expect(ends(await stored(url, 'alone'))).toEqual(completed(6));
    const embedded = await runKinetune(train(study, '--slots', '2', '--json'), {
      home: join(root, 'embedded'),
      trainer: { epochs: 3 },
    });
    const best = (text: string) => (JSON.parse(text) as { best: { trial: number; value: number }[] }).best;
    expect(best(stdout).map(({ trial, value }) => [trial, value])).toEqual(
      best(embedded.stdout).map(({ trial, value }) => [trial, value]),
    );
    const again = await runKinetune(train(study, '--json', '--quiet'), shared);
    expect(JSON.parse(again.stdout)).toEqual(JSON.parse(stdout));
  });

  it('is stopped by Ctrl-C, and killed in the middle, and goes on by the same command', async () => {
    const study = writeSmallStudy(join(root, 'stopped'), { name: 'stopped', trials: 4 });
    const url = server.newDatabase();
    const options = machine(url, { epochs: 6, epochMs: 200 });
    const words = train(study, '--slots', '2');
    const stopped = startKinetune(words, options);
    await stopped.until(/trial 1: epoch 3/);
    stopped.kill('SIGINT');
    const { code, stderr } = await stopped.result;
    expect(code).toBe(130);
    expect(stderr).toMatch(
      /of 4 trials are finished; they and every finished epoch of the others are kept in the database/,
    );
    expect((await stored(url, 'stopped')).trials.map(({ state }) => state)).not.toContain('RUNNING');
    const killed = startKinetune(words, options);
    await killed.until(/goes on after epoch \d[^]*epoch 5/);
    killed.kill('SIGKILL');
    await killed.result;
    const last = await runKinetune(words, options);
    expect({ code: last.code, stderr: last.stderr }).toMatchObject({ code: 0 });
    const { study: now, trials } = await stored(url, 'stopped');
    expect([now.state, ...trials.map(({ state }) => state)]).toEqual(['COMPLETED', ...Array(4).fill('COMPLETED')]);
    expect(trials.map(({ lastStep }) => lastStep)).toEqual([60, 60, 60, 60]);
    expect(Math.max(...trials.map(({ failures }) => failures))).toBeLessThanOrEqual(1);
  });

  it('shares its study with a second train and with a server of another home: each trial is trained once', async () => {
    const study = writeSmallStudy(join(root, 'both'), { name: 'both', trials: 10 });
    const url = server.newDatabase();
    const trainer = { epochs: 5, epochMs: 150 };
    const api = startKinetune(['serve', '--port', '0', '--slots', '1', '--any-code'], machine(url, trainer));
    const [one, two] = [1, 2].map(() =>
      startKinetune(train(study, '--slots', '1', '--json'), machine(url, trainer)),
    ) as [ReturnType<typeof startKinetune>, ReturnType<typeof startKinetune>];
    const [first, second] = await Promise.all([one.result, two.result]);
    expect([first.code, second.code, first.stderr, second.stderr]).toMatchObject([
      0,
      0,
      expect.any(String),
      expect.any(String),
    ]);
    expect(JSON.parse(first.stdout)).toEqual(JSON.parse(second.stdout));
    const found = await stored(url, 'both');
    expect(ends(found)).toEqual(completed(10));
    expect(found.trials.map(({ attempts }) => attempts)).toEqual(Array(10).fill(1));
    expect(new Set(found.trials.map(({ agentId }) => agentId)).size).toBe(3);
    api.kill('SIGTERM');
    expect((await api.result).code).toBe(0);
  });

  it('ends although another study of the database waits for a machine that can train it', async () => {
    const url = server.newDatabase();
    const trainer = { epochs: 2, epochMs: 50 };
    const other = writeSmallStudy(join(root, 'other'), { name: 'other', trials: 4 });
    const waiting = startKinetune(train(other, '--slots', '1'), machine(url, { epochs: 9, epochMs: 500 }));
    await waiting.until(/trial 0 starts/);
    waiting.kill('SIGINT');
    await waiting.result;
    const study = writeSmallStudy(join(root, 'own'), {
      name: 'own',
      trials: 5,
      search: 'phase: exploit\nsampler: tpe',
    });
    const { code } = await runKinetune(train(study, '--slots', '2'), machine(url, trainer));
    expect(code).toBe(0);
    expect(ends(await stored(url, 'own'))).toEqual(completed(5));
    expect((await stored(url, 'other')).study.state).toBe('RUNNING');
  });

  it('says which trials the machine failed, leaves the study paused, and tries them again', async () => {
    const study = writeSmallStudy(join(root, 'failing'), { name: 'failing', trials: 2 });
    const url = server.newDatabase();
    const failing = machine(url, { epochs: 2, failed: [{ trial: 1 }] });
    const { code, stderr } = await runKinetune(train(study, '--slots', '1'), failing);
    expect(code).toBe(4);
    expect(stderr).toContain('1 trial failed for reasons of the machine, so that failing is paused');
    expect(await stored(url, 'failing')).toMatchObject({ study: { state: 'PAUSED' } });
    const mended = await runKinetune(train(study, '--slots', '1'), { ...failing, trainer: { epochs: 2 } });
    expect(mended.code).toBe(0);
    expect(ends(await stored(url, 'failing'))).toEqual(completed(2));
  });

  it('says what is wrong with a trainer that does not start, and with an address', async () => {
    const study = writeSmallStudy(join(root, 'wrong'), { name: 'wrong' });
    const url = server.newDatabase();
    const broken = await runKinetune(train(study), machine(url, { failsToStart: true }));
    expect(broken).toMatchObject({ code: 3, stderr: expect.stringContaining('libtensorflow.so.2') });
    for (const [address, message] of [
      [url.replace(/:\d+\//, ':1/'), /Error: could not open the database at .*ECONNREFUSED/],
      [url.replace(/\/[^/]*$/, '/nowhere'), /Error: could not open the database at .*"nowhere" does not exist/],
    ] as const) {
      const { code, stderr } = await runKinetune(train(study), machine(address, {}));
      expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringMatching(message) });
    }
  });
});
