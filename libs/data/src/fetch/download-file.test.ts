import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { sendWithRanges, testServer } from '../testing/range-server.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { downloadFile } from './download-file.ts';
import type { DownloadProgress } from './download-file.ts';

const rng = createRng(1);
const BODY = Uint8Array.from({ length: 300_000 }, () => rng.integer(256));
const OTHER = BODY.map((byte) => byte ^ 255);
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const QUICK = { backoffMs: 1, stallMs: 400 };

describe('downloadFile', () => {
  it('brings the file, with progress up to its size', async () => {
    await using folder = await scratchFolder();
    await using server = await testServer((request, response) =>
      sendWithRanges(request, response, BODY, { etag: '"a"' }),
    );
    const progress: DownloadProgress[] = [];
    const part = await downloadFile(`${server.baseUrl}f`, join(folder.path, 'f'), {
      ...QUICK,
      onProgress: (now) => progress.push(now),
    });
    expect(hash(await readFile(part.path))).toBe(hash(BODY));
    expect(progress[0]).toEqual({ receivedBytes: 0, totalBytes: BODY.length });
    expect(progress.at(-1)).toEqual({ receivedBytes: BODY.length, totalBytes: BODY.length });
    expect(
      progress.every(({ receivedBytes }, i) => i === 0 || receivedBytes >= (progress[i - 1]?.receivedBytes ?? 0)),
    ).toBe(true);
  });

  it('goes on where the connection broke, as often as it breaks, while something comes', async () => {
    await using folder = await scratchFolder();
    await using server = await testServer((request, response, index) =>
      sendWithRanges(request, response, BODY, { etag: '"a"', cutAfter: index < 8 ? 30_000 : undefined }),
    );
    const part = await downloadFile(`${server.baseUrl}f`, join(folder.path, 'f'), { ...QUICK, attempts: 2 });
    expect(hash(await readFile(part.path))).toBe(hash(BODY));
    expect(server.seen[1]).toMatchObject({ range: 'bytes=30000-', ifRange: '"a"' });
    expect(server.seen).toHaveLength(9);
  });

  it('goes on in another run, by the date where there is no ETag', async () => {
    await using folder = await scratchFolder();
    const lastModified = 'Tue, 01 Dec 2015 10:00:00 GMT';
    await using server = await testServer((request, response, index) =>
      sendWithRanges(request, response, BODY, { lastModified, cutAfter: index === 0 ? 100_000 : undefined }),
    );
    const target = join(folder.path, 'f');
    await expect(downloadFile(`${server.baseUrl}f`, target, { ...QUICK, attempts: 1 })).rejects.toMatchObject({
      name: 'EnvironmentError',
      code: 'download-failed',
    });
    const part = await downloadFile(`${server.baseUrl}f`, target, QUICK);
    expect(server.seen[1]).toMatchObject({ range: 'bytes=100000-', ifRange: lastModified });
    expect(hash(await readFile(part.path))).toBe(hash(BODY));
  });

  it('starts again where the file changed meanwhile, and where the server has no ranges or no validator', async () => {
    for (const [first, second, usesRanges] of [
      [{ etag: '"a"' }, { etag: '"b"' }, true],
      [{ etag: '"a"' }, {}, false],
      [{}, {}, true],
      [{ etag: 'W/"weak"' }, { etag: 'W/"weak"' }, true],
    ] as const) {
      await using folder = await scratchFolder();
      await using server = await testServer((request, response, index) => {
        if (index === 0) sendWithRanges(request, response, BODY, { ...first, cutAfter: 50_000 });
        else if (usesRanges) sendWithRanges(request, response, OTHER, second);
        else response.writeHead(200, { 'content-length': OTHER.length }).end(OTHER);
      });
      const part = await downloadFile(`${server.baseUrl}f`, join(folder.path, 'f'), QUICK);
      expect(hash(await readFile(part.path))).toBe(hash(OTHER));
    }
  });

  it('does not trust a part that belongs to another address', async () => {
    await using folder = await scratchFolder();
    await using server = await testServer((request, response, index) =>
      sendWithRanges(request, response, BODY, { etag: '"a"', cutAfter: index === 0 ? 9_000 : undefined }),
    );
    const target = join(folder.path, 'f');
    await expect(downloadFile(`${server.baseUrl}one`, target, { ...QUICK, attempts: 1 })).rejects.toThrow();
    await downloadFile(`${server.baseUrl}two`, target, QUICK);
    expect(server.seen[1]).toMatchObject({ url: '/two', range: undefined });
  });

  it('takes a refused range for the end where all of it is here, and starts again where it is not', async () => {
    await using folder = await scratchFolder();
    const target = join(folder.path, 'f');
    await using server = await testServer((request, response) =>
      sendWithRanges(request, response, BODY, { etag: '"a"' }),
    );
    await downloadFile(`${server.baseUrl}f`, target, QUICK);
    const again = await downloadFile(`${server.baseUrl}f`, target, QUICK);
    expect(server.seen[1]?.range).toBe(`bytes=${BODY.length}-`);
    expect(hash(await readFile(again.path))).toBe(hash(BODY));
    await folder.write('f.part', Buffer.concat([BODY, Buffer.from('more')]));
    expect(hash(await readFile((await downloadFile(`${server.baseUrl}f`, target, QUICK)).path))).toBe(hash(BODY));
  });

  it('starts again where the server sends another piece than the one asked for', async () => {
    await using folder = await scratchFolder();
    await using server = await testServer((request, response, index) => {
      if (index === 1)
        response.writeHead(206, { etag: '"a"', 'content-range': `bytes 0-9/${BODY.length}` }).end(BODY.subarray(0, 10));
      else sendWithRanges(request, response, BODY, { etag: '"a"', cutAfter: index === 0 ? 9_000 : undefined });
    });
    const part = await downloadFile(`${server.baseUrl}f`, join(folder.path, 'f'), QUICK);
    expect(hash(await readFile(part.path))).toBe(hash(BODY));
    expect(server.seen[2]?.range).toBeUndefined();
  });

  it('follows redirects, and retries what a busy server refuses', async () => {
    await using folder = await scratchFolder();
    await using server = await testServer((request, response, index) => {
      if (index === 0) response.writeHead(503, { 'retry-after': '0' }).end('busy');
      else if (request.url === '/f') response.writeHead(302, { location: '/moved' }).end();
      else sendWithRanges(request, response, BODY, { etag: '"a"' });
    });
    const part = await downloadFile(`${server.baseUrl}f`, join(folder.path, 'f'), QUICK);
    expect(hash(await readFile(part.path))).toBe(hash(BODY));
    expect(server.seen.map(({ url }) => url)).toEqual(['/f', '/f', '/moved']);
  });

  it('takes a body of unknown length', async () => {
    await using folder = await scratchFolder();
    await using server = await testServer(
      (_, response) => void (response.write(BODY.subarray(0, 1000)), response.end(BODY.subarray(1000))),
    );
    expect(hash(await readFile((await downloadFile(`${server.baseUrl}f`, join(folder.path, 'f'), QUICK)).path))).toBe(
      hash(BODY),
    );
  });

  it('gives up at once on an address that does not exist', async () => {
    await using folder = await scratchFolder();
    await using server = await testServer((_, response) => void response.writeHead(404).end('no'));
    await expect(downloadFile(`${server.baseUrl}f`, join(folder.path, 'f'), QUICK)).rejects.toMatchObject({
      name: 'EnvironmentError',
      code: 'download-refused',
      message: expect.stringContaining('404') as string,
    });
    expect(server.seen).toHaveLength(1);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('gives up on a server that goes silent, before or in the middle, after its attempts', async () => {
    for (const isSilentFromStart of [true, false]) {
      await using folder = await scratchFolder();
      await using server = await testServer((_, response) => {
        if (!isSilentFromStart)
          response.writeHead(200, { 'content-length': BODY.length, etag: '"a"' }).write(BODY.subarray(0, 100));
      });
      await expect(
        downloadFile(`${server.baseUrl}f`, join(folder.path, 'f'), { ...QUICK, stallMs: 100, attempts: 2 }),
      ).rejects.toMatchObject({
        code: 'download-failed',
        message: expect.stringContaining('went silent') as string,
      });
    }
  });

  it('says that a server cannot be reached', async () => {
    await using folder = await scratchFolder();
    const dead = await testServer(() => {});
    await dead[Symbol.asyncDispose]();
    await expect(
      downloadFile(`${dead.baseUrl}f`, join(folder.path, 'f'), { ...QUICK, attempts: 2 }),
    ).rejects.toMatchObject({
      code: 'download-failed',
      message: expect.stringMatching(/ECONNREFUSED.*run the same command again/) as string,
    });
  });

  it('stops when told to, and keeps what came', async () => {
    await using folder = await scratchFolder();
    await using server = await testServer(
      (_, response) =>
        void response.writeHead(200, { 'content-length': BODY.length, etag: '"a"' }).write(BODY.subarray(0, 5000)),
    );
    const controller = new AbortController();
    const reason = new Error('Ctrl-C');
    const download = downloadFile(`${server.baseUrl}f`, join(folder.path, 'f'), {
      ...QUICK,
      stallMs: 10_000,
      signal: controller.signal,
      onProgress: ({ receivedBytes }) => receivedBytes > 0 && controller.abort(reason),
    });
    await expect(download).rejects.toBe(reason);
    expect((await readFile(join(folder.path, 'f.part'))).length).toBeGreaterThan(0);
  });

  it.skipIf(!existsSync('/dev/full'))('says that the disk is full (skipped where there is no /dev/full)', async () => {
    await using folder = await scratchFolder();
    await symlink('/dev/full', join(folder.path, 'f.part'));
    await using server = await testServer((request, response) =>
      sendWithRanges(request, response, BODY, { etag: '"a"' }),
    );
    await expect(downloadFile(`${server.baseUrl}f`, join(folder.path, 'f'), QUICK)).rejects.toMatchObject({
      name: 'EnvironmentError',
      code: 'disk-full',
    });
  });

  it('says that a folder cannot be written to', async () => {
    await using folder = await scratchFolder();
    await using server = await testServer((request, response) =>
      sendWithRanges(request, response, BODY, { etag: '"a"' }),
    );
    await expect(downloadFile(`${server.baseUrl}f`, join(folder.path, 'missing/f'), QUICK)).rejects.toMatchObject({
      code: 'cannot-write',
    });
  });
});
