import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { smallPeople } from '../testing/small-dataset.ts';
import { cutWindows } from '../windows/cut-windows.ts';
import { loadWindows } from './load-windows.ts';
import { windowsCacheKey } from './windows-cache-key.ts';
import { readWindows, writeWindows } from './windows-file.ts';

const dataset = {
  ...smallPeople(3),
  name: 'Übung 1',
  officialSplit: { name: 'published', train: ['1', '2'], test: ['3'] },
};
const windows = cutWindows(dataset, { length: 10, step: 5 });
const key = windows.key;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinetune-windows-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a windows file', () => {
  it('gives back what was written, to the last bit', async () => {
    const path = join(folder, 'made', 'on', 'the', 'way', 'a.windows');
    await writeWindows(path, windows);
    expect(await readWindows(path)).toEqual(windows);
    const withoutOfficial = { ...windows, officialSplit: undefined };
    await writeWindows(path, withoutOfficial);
    expect(await readWindows(path)).toEqual(withoutOfficial);
  });

  it('is read into one buffer that all arrays share', async () => {
    const path = join(folder, 'a.windows');
    await writeWindows(path, windows);
    const read = await readWindows(path);
    expect(new Set([read.samples, read.label, read.start].map((array) => array.buffer)).size).toBe(1);
    expect(read.samples.buffer.byteLength).toBe((await stat(path)).size);
  });

  it('is refused wherever one bit is flipped, and at whatever byte it is cut', async () => {
    const path = join(folder, 'a.windows');
    await writeWindows(path, windows);
    const good = await readFile(path);
    const places = [0, 8, 12, 20, 50, 57, 70, 500, good.length >> 1, good.length - 1];
    for (const place of places) {
      const bad = Buffer.from(good);
      bad[place] = (bad[place] as number) ^ 4;
      await writeFile(path, bad);
      await expect(readWindows(path), `byte ${place}`).rejects.toMatchObject({ code: 'windows-file-damaged' });
    }
    for (const size of [0, 1, 63, 64, 300, good.length - 1]) {
      await writeFile(path, good.subarray(0, size));
      await expect(readWindows(path), `${size} bytes`).rejects.toMatchObject({ code: 'windows-file-damaged' });
    }
    await writeFile(path, Buffer.concat([good, Buffer.of(0)]));
    await expect(readWindows(path)).rejects.toThrow(/expected \d+ bytes, got \d+/);
    await expect(readWindows(join(folder, 'b'))).rejects.toMatchObject({ code: 'windows-file-missing' });
  });

  it('is never written with arrays that do not fit each other', async () => {
    const path = join(folder, 'a.windows');
    const wrong = { ...windows, label: windows.label.map(() => 2) };
    await expect(writeWindows(path, wrong)).rejects.toThrow(/expected label indices below 2, got 2/);
    await expect(writeWindows(path, { ...windows, samples: windows.samples.subarray(1) })).rejects.toThrow(
      /expected samples of 54 x 10 x 2/,
    );
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('loadWindows', () => {
  const load = (build = () => Promise.resolve(windows)) => loadWindows({ cacheFolder: folder, key, build });

  it('builds once, then reads', async () => {
    expect(await load()).toMatchObject({ source: 'built', rejected: undefined });
    const again = await load(() => Promise.reject(new Error('not to be called')));
    expect(again.source).toBe('cache');
    expect(again.windows).toEqual(windows);
    expect(await readWindows(again.path)).toEqual(windows);
  });

  it('rebuilds a damaged file and says why', async () => {
    const { path } = await load();
    const file = await open(path, 'r+');
    await file.write(Buffer.of(0xff), 0, 1, 2000);
    await file.close();
    const again = await load();
    expect(again).toMatchObject({ source: 'built', rejected: expect.stringMatching(/checksum does not match/) });
    expect(again.windows).toEqual(windows);
    expect((await load()).source).toBe('cache');
  });

  it('does not take the windows of another key for its own', async () => {
    const { path } = await load();
    const other = windowsCacheKey('another content', { length: 10, step: 5 });
    await writeFile(join(folder, `${other}.windows`), await readFile(path));
    const loaded = await loadWindows({ cacheFolder: folder, key: other, build: () => Promise.resolve(windows) });
    expect(loaded).toMatchObject({ source: 'built', rejected: expect.stringMatching(/expected key .* got/) });
    expect(loaded.windows.key).toBe(other);
  });

  it('lets many build at once: all get whole windows, and one file remains', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => load()));
    for (const loaded of all) expect(loaded.windows).toEqual(windows);
    expect(await readdir(folder)).toEqual([`${key}.windows`]);
    expect(await readWindows(all[0]?.path as string)).toEqual(windows);
  });

  it('survives processes that write at once and one that is killed while writing: what is read is whole', async () => {
    const path = join(folder, `${key}.windows`);
    await writeWindows(join(folder, 'source.windows'), windows);
    const file = pathToFileURL(join(import.meta.dirname, 'windows-file.ts')).href;
    const script = `const { readWindows, writeWindows } = await import(${JSON.stringify(file)});
      const windows = await readWindows(${JSON.stringify(join(folder, 'source.windows'))});
      for (let i = 0; i < 1000; i++) { await writeWindows(${JSON.stringify(path)}, windows); if (i === 0) console.log('first'); }`;
    const writers = [0, 1].map(() => spawn(process.execPath, ['--input-type=module', '-e', script]));
    const ends = writers.map((writer) => once(writer, 'exit'));
    try {
      await Promise.all(writers.map((writer) => once(writer.stdout, 'data')));
      for (let i = 0; i < 20; i++) expect(await readWindows(path)).toEqual(windows);
    } finally {
      for (const writer of writers) writer.kill('SIGKILL');
      await Promise.all(ends);
    }
    expect(await readWindows(path)).toEqual(windows);
  }, 60_000);

  it('leaves nothing behind when building fails, and removes what a killed writer left long ago', async () => {
    await expect(load(() => Promise.reject(new Error('no such zip')))).rejects.toThrow('no such zip');
    expect(await readdir(folder)).toEqual([]);
    const young = `.${key}.windows.1.aa.tmp`;
    const old = `.${key}.windows.1.bb.tmp`;
    await writeFile(join(folder, young), '');
    await writeFile(join(folder, old), '');
    await utimes(join(folder, old), 0, 0);
    await load();
    expect((await readdir(folder)).sort()).toEqual([young, `${key}.windows`].sort());
  });

  it('keys by content, options and variant', () => {
    const options = { length: 10, step: 5 };
    const keys = [
      windowsCacheKey('a', options),
      windowsCacheKey('b', options),
      windowsCacheKey('a', { ...options, step: 4 }),
      windowsCacheKey('a', { ...options, labels: ['SIT'] }),
      windowsCacheKey('a', { ...options, variant: 'hapt-6' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(windowsCacheKey('a', { step: 5, length: 10 })).toBe(keys[0]);
  });
});
