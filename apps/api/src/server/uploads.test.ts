import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createApiToken } from '@kinetune/storage';
import { runningStudy } from '@kinetune/storage/testing';
import { dataSpec } from '@kinetune/study';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serveApi, type ServedApi } from '../testing/served-api.ts';
import { writeSmallStudy } from '../testing/small-study.ts';
import { cleanUploads } from './clean-uploads.ts';
import { receiveUpload, sweepUploads } from './uploads.ts';

describe('uploads over HTTP', () => {
  let api: ServedApi;
  beforeAll(async () => void (api = await serveApi()), 120_000);
  afterAll(async () => {
    expect(api.hidden).toEqual([]);
    await api[Symbol.asyncDispose]();
  });

  const upload = async (body: Buffer, headers: Record<string, string>) => {
    const response = await fetch(`${api.url}/uploads`, { method: 'POST', headers, body: new Uint8Array(body) });
    return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
  };
  const uploads = (): readonly string[] =>
    existsSync(join(api.home, 'uploads')) ? readdirSync(join(api.home, 'uploads')) : [];

  it('arrive in the home and are imported from there', async () => {
    writeSmallStudy(join(api.home, 'made'));
    const recordings = readFileSync(join(api.home, 'made', 'recordings.csv'));
    const { status, answer } = await upload(recordings, { 'x-file-name': encodeURIComponent('größe 1.csv') });
    expect(status).toBe(201);
    expect(answer).toMatchObject({
      path: expect.stringMatching(/^uploads\/[0-9a-f-]{36}\/größe 1\.csv$/),
      bytes: recordings.length,
      sha256: createHash('sha256').update(recordings).digest('hex'),
    });
    const imported = await api.ask(
      'mutation ($path: String!) { importDataset(input: { path: $path, window: { length: 32, step: 16 } }) { ... on ImportedDataset { dataset { windowCount } } } }',
      { path: answer['path'] },
    );
    expect(imported.data.importDataset.dataset.windowCount).toBeGreaterThan(100);
  });

  it('stay while a study trains on them, and go some time after they arrived otherwise', async () => {
    const recordings = readFileSync(join(api.home, 'made', 'recordings.csv'));
    const arrive = async (name: string): Promise<string> =>
      (await upload(recordings, { 'x-file-name': name })).answer['path'] as string;
    const [used, unused] = [await arrive('used.csv'), await arrive('unused.csv')];
    await runningStudy(api.db, { data: dataSpec.parse({ dataset: 'csv', path: join(api.home, used) }) });
    const clean = (days: number, isDry = false) =>
      cleanUploads(api.db, {
        home: api.home,
        keptMs: 7 * 86_400_000,
        now: new Date(Date.now() + days * 86_400_000),
        isDry,
      });
    expect(await clean(6)).toEqual([]);
    expect(await clean(8, true)).toContainEqual({ path: unused, bytes: recordings.length });
    expect([used, unused].map((path) => existsSync(join(api.home, path)))).toEqual([true, true]);
    mkdirSync(join(api.home, 'uploads', 'on-its-way'));
    writeFileSync(join(api.home, 'uploads', 'on-its-way', '.part'), 'half');
    await clean(8);
    expect([used, unused].map((path) => existsSync(join(api.home, path)))).toEqual([true, false]);
    expect(uploads()).toContain('on-its-way');
    rmSync(join(api.home, 'uploads', 'on-its-way'), { recursive: true });
  });

  it('are refused by name, by site and without a body, and leave nothing', async () => {
    const before = uploads();
    for (const name of [
      '../x.csv',
      'x.sh',
      '.csv',
      'a/b.csv',
      '%2e%2e%2fx.csv',
      'a%00.csv',
      `${'x'.repeat(200)}.csv`,
      '%zz.csv',
    ])
      expect((await upload(Buffer.from('1'), { 'x-file-name': name })).status, name).toBe(400);
    expect((await upload(Buffer.from('1'), {})).status).toBe(400);
    expect((await upload(Buffer.alloc(0), { 'x-file-name': 'a.csv' })).answer).toMatchObject({ code: 'upload-empty' });
    expect((await upload(Buffer.from('1'), { 'x-file-name': 'a.csv', origin: 'https://evil.example' })).status).toBe(
      403,
    );
    expect(uploads()).toEqual(before);
  });

  it('that break off leave nothing', async () => {
    const before = uploads();
    const sent = request(`${api.url}/uploads`, {
      method: 'POST',
      headers: { 'x-file-name': 'a.csv', 'content-length': 1_000_000 },
    });
    sent.on('error', () => {});
    sent.write(Buffer.alloc(100_000));
    while (uploads().length === before.length) await new Promise((resolve) => setTimeout(resolve, 5));
    sent.destroy();
    while (uploads().length > before.length) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(uploads()).toEqual(before);
  });

  it('are for editors, once there are tokens', async () => {
    const role = async (name: 'viewer' | 'editor') =>
      (await createApiToken(api.db, { name, role: name, expiresAt: null })).secret;
    const before = uploads();
    const [viewer, editor] = [await role('viewer'), await role('editor')];
    // A server looks for new tokens every half second.
    while ((await fetch(`${api.url}/metrics`)).status !== 401) await new Promise((resolve) => setTimeout(resolve, 50));
    for (const [authorization, status] of [
      ['', 401],
      [`Bearer ${viewer}`, 403],
    ] as const) {
      const headers = { 'x-file-name': 'a.csv', ...(authorization === '' ? {} : { authorization }) };
      expect((await upload(Buffer.from('1'), headers)).status).toBe(status);
    }
    expect(uploads()).toEqual(before);
    expect((await upload(Buffer.from('1'), { 'x-file-name': 'a.csv', authorization: `Bearer ${editor}` })).status).toBe(
      201,
    );
  });
});

describe('what uploads may take', () => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'kinetune-uploads-'))));
  afterEach(() => rmSync(home, { recursive: true }));
  const receive = (bytes: number, limits = { fileBytes: 1000, totalBytes: 1500 }) =>
    receiveUpload(home, { name: 'a.csv', body: Readable.from([Buffer.alloc(bytes)]), limits });

  it('is bounded for one and for all', async () => {
    await expect(receive(1001)).rejects.toMatchObject({ code: 'upload-too-large' });
    await receive(1000);
    await expect(receive(501)).rejects.toMatchObject({ code: 'upload-quota' });
    await receive(500);
    expect(readdirSync(join(home, 'uploads'))).toHaveLength(2);
  });

  it('is what has arrived: the rest is swept at the next start', async () => {
    const whole = await receive(10);
    mkdirSync(join(home, 'uploads', 'broken'));
    writeFileSync(join(home, 'uploads', 'broken', '.part'), 'half');
    await sweepUploads(home);
    expect(existsSync(join(home, whole.path))).toBe(true);
    expect(readdirSync(join(home, 'uploads'))).toHaveLength(1);
  });
});
