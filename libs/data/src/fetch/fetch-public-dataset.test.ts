import { createHash } from 'node:crypto';
import { readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importDataset } from '../import/import-dataset.ts';
import { makeZip } from '../testing/make-zip.ts';
import { sendWithRanges, testServer } from '../testing/range-server.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { fetchPublicDataset } from './fetch-public-dataset.ts';
import { PUBLIC_DATASET_NAMES, PUBLIC_DATASETS } from './public-datasets.ts';

const trial = (volunteer: string): string =>
  `WHARF-master/WHARF Data Set/Data/Walk/Accelerometer-2011-03-24-09-52-11-walk-${volunteer}.txt`;
const ZIP = makeZip([
  { name: trial('f1'), content: '32 48 41\n32 48 32\n'.repeat(500) },
  { name: trial('m1'), content: '1 2 3\n' },
]);
const SHA256 = createHash('sha256').update(ZIP).digest('hex');
const QUICK = { backoffMs: 1, stallMs: 400 };

describe('fetchPublicDataset', () => {
  it('fetches, checks by importing, puts in place, and keeps a receipt; the second time nothing is fetched', async () => {
    await using home = await scratchFolder();
    await using server = await testServer((request, response) =>
      sendWithRanges(request, response, ZIP, { etag: '"a"' }),
    );
    const options = { ...QUICK, home: home.path, baseUrl: server.baseUrl };
    const fetched = await fetchPublicDataset('wharf', options);
    const folder = join(home.path, 'datasets/wharf');
    expect(fetched).toEqual({
      path: join(folder, 'HEAD.zip'),
      url: `${server.baseUrl}HEAD.zip`,
      bytes: ZIP.length,
      sha256: SHA256,
      source: 'download',
    });
    expect((await importDataset(fetched.path)).recordings).toHaveLength(2);
    expect(JSON.parse(await readFile(join(folder, 'HEAD.zip.source.json'), 'utf8'))).toMatchObject({ sha256: SHA256 });
    expect((await readdir(folder)).sort()).toEqual(['HEAD.zip', 'HEAD.zip.source.json']);
    expect(await fetchPublicDataset('wharf', options)).toEqual({ ...fetched, source: 'cache' });
    expect(server.seen).toHaveLength(1);
  });

  it('fetches again what was changed on disk, and resumes what was interrupted', async () => {
    await using home = await scratchFolder();
    await using server = await testServer((request, response, index) =>
      sendWithRanges(request, response, ZIP, { etag: '"a"', cutAfter: index === 0 ? 200 : undefined }),
    );
    const options = { ...QUICK, home: home.path, baseUrl: server.baseUrl };
    await expect(fetchPublicDataset('wharf', { ...options, attempts: 1 })).rejects.toMatchObject({
      code: 'download-failed',
    });
    const { path, sha256 } = await fetchPublicDataset('wharf', options);
    expect(sha256).toBe(SHA256);
    expect(server.seen[1]?.range).toBe('bytes=200-');
    await writeFile(path, 'damaged');
    expect(await fetchPublicDataset('wharf', options)).toMatchObject({ sha256: SHA256, source: 'download' });
  });

  it('accepts a file that was put in place by hand', async () => {
    await using home = await scratchFolder();
    const path = await home.write('datasets/wharf/HEAD.zip', ZIP);
    expect(await fetchPublicDataset('wharf', { home: home.path, baseUrl: 'http://127.0.0.1:9/' })).toMatchObject({
      path,
      sha256: SHA256,
      source: 'cache',
    });
  });

  it('removes what is not the data set, and what has another checksum than the one asked for', async () => {
    const damaged = Buffer.from(ZIP);
    damaged[140] = (damaged[140] as number) ^ 1;
    for (const [body, sha256] of [
      [damaged, undefined],
      [Buffer.from('<html>moved</html>'), undefined],
      [ZIP, '0'.repeat(64)],
    ] as const) {
      await using home = await scratchFolder();
      await using server = await testServer((request, response) =>
        sendWithRanges(request, response, body, { etag: '"a"' }),
      );
      await expect(
        fetchPublicDataset('wharf', { ...QUICK, home: home.path, baseUrl: server.baseUrl, sha256 }),
      ).rejects.toMatchObject({
        name: 'EnvironmentError',
        code: 'download-corrupted',
      });
      expect(await readdir(join(home.path, 'datasets/wharf'))).toEqual([]);
    }
  });

  it('refuses an address or a sha256 that is none before a byte is fetched, and takes a sha256 in capitals', async () => {
    await using home = await scratchFolder();
    await using server = await testServer((request, response) =>
      sendWithRanges(request, response, ZIP, { etag: '"a"' }),
    );
    const options = { ...QUICK, home: home.path, baseUrl: server.baseUrl };
    for (const [fields, code] of [
      [{ baseUrl: 'mirror' }, 'base-url'],
      [{ baseUrl: 'file:///tmp/' }, 'base-url'],
      [{ sha256: 'abc' }, 'sha256'],
    ] as const) {
      const refusal = { name: 'InputError', code };
      await expect(fetchPublicDataset('wharf', { ...options, ...fields })).rejects.toMatchObject(refusal);
    }
    expect(server.seen).toHaveLength(0);
    expect(await fetchPublicDataset('wharf', { ...options, sha256: SHA256.toUpperCase() })).toMatchObject({
      sha256: SHA256,
    });
  });

  it('says where else the file can be had when its address fails', async () => {
    await using home = await scratchFolder();
    await using server = await testServer((_, response) => void response.writeHead(404).end());
    await expect(
      fetchPublicDataset('hapt', { ...QUICK, home: home.path, baseUrl: server.baseUrl }),
    ).rejects.toMatchObject({
      code: 'download-refused',
      message: expect.stringMatching(/404.*get HAPT Data Set\.zip by hand from .*datasets\/hapt/s) as string,
    });
    expect(server.seen[0]?.url).toBe('/HAPT%20Data%20Set.zip');
  });

  it('lets one process fetch a file at a time, and takes over the lock of a dead one', async () => {
    await using home = await scratchFolder();
    await using server = await testServer((request, response) =>
      sendWithRanges(request, response, ZIP, { etag: '"a"' }),
    );
    const options = { ...QUICK, home: home.path, baseUrl: server.baseUrl };
    await home.write('datasets/wharf/HEAD.zip.lock', `${process.ppid}\n`);
    await expect(fetchPublicDataset('wharf', options)).rejects.toMatchObject({ code: 'download-busy' });
    const lock = await home.write('datasets/wharf/HEAD.zip.lock', '');
    await expect(fetchPublicDataset('wharf', options)).rejects.toMatchObject({ code: 'download-busy' });
    await utimes(lock, 1, 1); // empty for years: its owner died before it could write
    expect(await fetchPublicDataset('wharf', options)).toMatchObject({ source: 'download' });
    await rm(join(home.path, 'datasets/wharf/HEAD.zip'));
    await home.write('datasets/wharf/HEAD.zip.lock', '999999999\n');
    expect(await fetchPublicDataset('wharf', options)).toMatchObject({ source: 'download' });
  });

  it('knows each data set by name, at an address and a page of its authors', async () => {
    expect(PUBLIC_DATASET_NAMES).toEqual(['hapt', 'uci-har', 'wisdm', 'wharf']);
    for (const name of PUBLIC_DATASET_NAMES) expect(new URL(PUBLIC_DATASETS[name].baseUrl).pathname).toMatch(/\/$/);
    await expect(fetchPublicDataset('mnist', { home: '/nowhere' })).rejects.toMatchObject({
      name: 'InputError',
      code: 'dataset-unknown',
    });
  });
});
