import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importDataset } from '../import/import-dataset.ts';
import { makeZip } from '../testing/make-zip.ts';
import { HAS_WATCH, NO_WATCH, WATCH_PATH } from '../testing/real-data.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { fetchWatchData } from './fetch-watch-data.ts';

/** A program that stands in for `python3`, with the arguments of pip; `$dest` is where it is to put the wheel. */
async function fakePython(
  folder: { readonly path: string; write(name: string, content: string): Promise<string> },
  body: string,
): Promise<string> {
  const path = await folder.write(
    'python3',
    `#!/bin/sh\nwhile [ $# -gt 0 ]; do [ "$1" = --dest ] && dest=$2; shift; done\n${body}\n`,
  );
  await chmod(path, 0o755);
  return path;
}

describe('fetchWatchData', () => {
  it.skipIf(!HAS_WATCH)(
    `takes the file out of the wheel, checks and keeps it, and leaves nothing else behind${NO_WATCH}`,
    async () => {
      await using folder = await scratchFolder();
      const wheel = await folder.write(
        'seglearn.whl',
        makeZip([{ name: 'seglearn/data/watch_dataset.npy', content: await readFile(WATCH_PATH), isStored: true }]),
      );
      const python = await fakePython(folder, `echo run >> "${folder.path}/runs"; cp "${wheel}" "$dest/"`);
      const home = join(folder.path, 'home');
      const [first, second] = await Promise.all([fetchWatchData({ home, python }), fetchWatchData({ home, python })]);
      expect(first).toEqual({ path: join(home, 'datasets/watch/watch_dataset.npy'), source: 'index' });
      expect(second.path).toBe(first.path);
      expect(await readdir(join(home, 'datasets/watch'))).toEqual(['watch_dataset.npy']);
      expect((await importDataset(first.path)).recordings).toHaveLength(140);
      expect(await fetchWatchData({ home, python: '/nowhere' })).toEqual({ path: first.path, source: 'cache' });
      await writeFile(first.path, 'damaged');
      expect(await fetchWatchData({ home, python })).toMatchObject({ source: 'index' });
    },
  );

  it('refuses a file with another checksum, and leaves nothing behind', async () => {
    await using folder = await scratchFolder();
    const wheel = await folder.write(
      'seglearn.whl',
      makeZip([{ name: 'seglearn/data/watch_dataset.npy', content: 'something else' }]),
    );
    const python = await fakePython(folder, `cp "${wheel}" "$dest/"`);
    await expect(fetchWatchData({ home: folder.path, python })).rejects.toMatchObject({
      name: 'EnvironmentError',
      code: 'watch-checksum',
      message: expect.stringContaining('eb122f23') as string,
    });
    expect(await readdir(join(folder.path, 'datasets/watch'))).toEqual([]);
  });

  it.each([
    ['a wheel without the file', makeZip([{ name: 'seglearn/__init__.py', content: '' }])],
    [
      'a wheel that is cut',
      makeZip([{ name: 'seglearn/data/watch_dataset.npy', content: 'x'.repeat(500) }]).subarray(0, 60),
    ],
  ])('refuses %s', async (_, content) => {
    await using folder = await scratchFolder();
    const wheel = await folder.write('seglearn.whl', content);
    const python = await fakePython(folder, `cp "${wheel}" "$dest/"`);
    await expect(fetchWatchData({ home: folder.path, python })).rejects.toMatchObject({ code: 'watch-checksum' });
  });

  it('says what was tried and what mends it where no index can be reached', async () => {
    await using folder = await scratchFolder();
    const python = await fakePython(folder, 'echo "Failed to establish a new connection" >&2; exit 1');
    await expect(fetchWatchData({ home: folder.path, python })).rejects.toMatchObject({
      name: 'EnvironmentError',
      code: 'watch-download-failed',
      message: expect.stringMatching(
        /python3 -m pip download .*seglearn==1\.2\.5\n {4}exit code 1: Failed to establish.*\nTo mend it/s,
      ) as string,
    });
    expect(await readdir(join(folder.path, 'datasets/watch'))).toEqual([]);
  });

  it('does not wait for ever', async () => {
    await using folder = await scratchFolder();
    const python = await fakePython(folder, 'exec sleep 60');
    await expect(fetchWatchData({ home: folder.path, python, timeoutMs: 200 })).rejects.toMatchObject({
      code: 'watch-download-failed',
      message: expect.stringContaining('ran out of time') as string,
    });
  });

  it('names the package that brings pip where this machine has none', async () => {
    await using folder = await scratchFolder();
    await mkdir(join(folder.path, 'bin'));
    const python = await fakePython(folder, 'echo "/usr/bin/python3: No module named pip" >&2; exit 1');
    const path = process.env['PATH'];
    process.env['PATH'] = join(folder.path, 'bin'); // no pip3 either
    try {
      const shell = await readFile(python, 'utf8');
      expect(shell).toContain('#!/bin/sh');
      await expect(fetchWatchData({ home: folder.path, python })).rejects.toMatchObject({
        code: 'watch-pip-missing',
        message: expect.stringContaining('apt-get install python3-pip') as string,
      });
      await expect(fetchWatchData({ home: folder.path, python: '/nowhere/python3' })).rejects.toMatchObject({
        code: 'watch-python-missing',
      });
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('says that the home cannot be written to', async () => {
    await using folder = await scratchFolder();
    const home = await folder.write('file', 'not a folder');
    await expect(fetchWatchData({ home })).rejects.toMatchObject({ name: 'EnvironmentError', code: 'cannot-write' });
  });
});
