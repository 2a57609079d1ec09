import { gzipSync } from 'node:zlib';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@kinetune/study';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { makeZip } from '../testing/make-zip.ts';
import type { ZipEntryToMake } from '../testing/make-zip.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { openFolderSource } from './folder-source.ts';
import { openTarGzSource } from './tar-source.ts';
import { openZipSource } from './zip-source.ts';

const readAll = async (bytes: Uint8Array): Promise<Record<string, string>> => {
  await using source = await openZipSource('a.zip', { bytes });
  const contents: Record<string, string> = {};
  for (const { path } of source.entries) contents[path] = Buffer.from(await source.read(path)).toString();
  return contents;
};
const zip = (...entries: ZipEntryToMake[]): Buffer => makeZip([{ name: 'fine.txt', content: 'fine' }, ...entries]);

describe('a zip', () => {
  it('gives its files, stored and deflated, sorted, without folders and litter', async () => {
    const bytes = makeZip([
      { name: 'b/', content: '' },
      { name: 'b/2.txt', content: 'two', isStored: true },
      { name: '__MACOSX/b/._2.txt', content: 'x' },
      { name: 'a.txt', content: 'one'.repeat(1000) },
    ]);
    expect(await readAll(bytes)).toEqual({ 'a.txt': 'one'.repeat(1000), 'b/2.txt': 'two' });
  });

  it.each([
    ['climbs out of its folder', zip({ name: '../up.txt', content: 'x' }), 'archive-entry-escapes', '../up.txt'],
    [
      'climbs out in the middle',
      zip({ name: 'a/../../up.txt', content: 'x' }),
      'archive-entry-escapes',
      'a/../../up.txt',
    ],
    ['climbs out with backslashes', zip({ name: '..\\up.txt', content: 'x' }), 'archive-entry-escapes', 'up.txt'],
    ['is absolute', zip({ name: '/etc/x', content: 'x' }), 'archive-entry-escapes', '/etc/x'],
    ['names a drive', zip({ name: 'C:\\x', content: 'x' }), 'archive-entry-escapes', 'C:'],
    [
      'is a symbolic link',
      zip({ name: 'link', content: '/etc/passwd', mode: 0o120777 }),
      'archive-entry-is-link',
      'a.zip!link',
    ],
    ['comes twice', zip({ name: 'fine.txt', content: 'other' }), 'archive-entry-duplicate', 'a.zip!fine.txt'],
    [
      'is encrypted',
      zip({ name: 'secret', content: 'x', isEncrypted: true }),
      'archive-entry-encrypted',
      'a.zip!secret',
    ],
    [
      'declares less than it holds',
      zip({ name: 'liar', content: 'x'.repeat(5000), declaredBytes: 10 }),
      'archive-damaged',
      'a.zip!liar',
    ],
    [
      'declares more than it holds',
      zip({ name: 'liar', content: 'x'.repeat(50), declaredBytes: 5000 }),
      'archive-damaged',
      'a.zip!liar',
    ],
    [
      'has another checksum',
      zip({ name: 'changed', content: 'x', declaredCrc: 1 }),
      'archive-damaged',
      'a.zip!changed',
    ],
    [
      'unpacks to a thousand times its size',
      zip({ name: 'bomb', content: Buffer.alloc(20_000_000) }),
      'archive-too-large',
      'a.zip!bomb',
    ],
    [
      'declares three gigabytes',
      zip({ name: 'bomb', content: 'x', declaredBytes: 3_000_000_000 }),
      'archive-too-large',
      'a.zip',
    ],
  ])('whose entry %s is refused, naming it', async (_, bytes, code, place) => {
    await expect(readAll(bytes)).rejects.toMatchObject({
      name: 'InputError',
      code,
      message: expect.stringContaining(place) as string,
    });
  });

  it('that declares fewer entries than it holds is refused, from memory and from disk', async () => {
    const bytes = zip({ name: 'second.txt', content: 'x' });
    bytes.writeUInt16LE(1, bytes.length - 14);
    bytes.writeUInt16LE(1, bytes.length - 12);
    const refusal = { code: 'archive-damaged', message: expect.stringContaining('more than the 1 entries') as string };
    await expect(readAll(bytes)).rejects.toMatchObject(refusal);
    await using folder = await scratchFolder();
    await expect(openZipSource(await folder.write('a.zip', bytes))).rejects.toMatchObject(refusal);
  });

  it('of many entries that are too large together is refused', async () => {
    const entries = Array.from({ length: 5 }, (_, i) => ({ name: `${i}`, content: 'x', declaredBytes: 450_000_000 }));
    const limits = { totalBytes: 2_000_000_000, entryBytes: 500_000_000, entryCount: 100, ratio: 1e12 };
    await expect(openZipSource('a.zip', { bytes: makeZip(entries), limits })).rejects.toMatchObject({
      code: 'archive-too-large',
    });
  });

  it('that is cut anywhere is refused, and nothing of it is used', async () => {
    const whole = zip({ name: 'b.txt', content: 'hello '.repeat(100) });
    for (let end = 0; end < whole.length; end += 5) {
      await expect(readAll(whole.subarray(0, end)), `cut at ${end}`).rejects.toMatchObject({
        name: 'InputError',
        code: 'archive-damaged',
      });
    }
  });
});

describe('a zip with any one bit changed', () => {
  it('gives the same contents, contents under another name, or an InputError', async () => {
    const content = 'hello '.repeat(20);
    const whole = makeZip([{ name: 'a.txt', content }]);
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const changed = Buffer.from(whole);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      const contents = await readAll(changed).catch((error: unknown) => {
        if (error instanceof InputError) return {};
        throw error;
      });
      if (!Object.values(contents).every((text) => text === content))
        expect.fail(`bit ${bit} changed the contents unseen`);
    }
  });
});

describe('a tar.gz', () => {
  const tarGz = async (fill: (archive: ReturnType<typeof pack>) => void): Promise<Buffer> => {
    const archive = pack();
    fill(archive);
    archive.finalize();
    const chunks: Uint8Array[] = [];
    for await (const chunk of archive) chunks.push(chunk as Uint8Array);
    return gzipSync(Buffer.concat(chunks));
  };

  it('gives its files', async () => {
    await using folder = await scratchFolder();
    const path = await folder.write(
      'a.tar.gz',
      await tarGz((archive) => {
        archive.entry({ name: './b.txt' }, 'two');
        archive.entry({ name: 'a.txt' }, 'one'.repeat(50_000));
      }),
    );
    await using source = await openTarGzSource(path);
    expect(source.entries).toEqual([
      { path: 'a.txt', bytes: 150_000 },
      { path: 'b.txt', bytes: 3 },
    ]);
    expect(Buffer.from(await source.read('a.txt')).toString()).toBe('one'.repeat(50_000));
    expect(source.place('b.txt')).toBe(`${path}!b.txt`);
  });

  it.each([
    [
      'climbs out of its folder',
      'archive-entry-escapes',
      (archive: ReturnType<typeof pack>) => void archive.entry({ name: '../x' }, 'x'),
    ],
    [
      'is a link',
      'archive-entry-is-link',
      (archive: ReturnType<typeof pack>) => void archive.entry({ name: 'x', type: 'symlink', linkname: '/etc/passwd' }),
    ],
    [
      'comes twice',
      'archive-entry-duplicate',
      (archive: ReturnType<typeof pack>) => void (archive.entry({ name: 'x' }, '1'), archive.entry({ name: 'x' }, '2')),
    ],
  ])('whose entry %s is refused', async (_, code, fill) => {
    await using folder = await scratchFolder();
    await expect(openTarGzSource(await folder.write('a.tar.gz', await tarGz(fill)))).rejects.toMatchObject({
      name: 'InputError',
      code,
    });
  });

  it('that is cut, or larger than the limits, is refused', async () => {
    await using folder = await scratchFolder();
    const whole = await tarGz((archive) => void archive.entry({ name: 'a.txt' }, Buffer.alloc(1_000_000)));
    const cut = await folder.write('cut.tar.gz', whole.subarray(0, whole.length >> 1));
    await expect(openTarGzSource(cut)).rejects.toMatchObject({ name: 'InputError', code: 'archive-damaged' });
    const path = await folder.write('whole.tar.gz', whole);
    const limits = { totalBytes: 500_000, entryBytes: 2_000_000, entryCount: 10, ratio: 200 };
    await expect(openTarGzSource(path, limits)).rejects.toMatchObject({
      name: 'InputError',
      code: 'archive-too-large',
    });
  });
});

describe('a folder', () => {
  it('gives its files, survives links that run in circles, and hashes names and bytes', async () => {
    await using folder = await scratchFolder();
    await folder.write('data/a.txt', 'one');
    await folder.write('data/sub/b.txt', 'two');
    await symlink('..', join(folder.path, 'data/sub/circle'));
    await symlink('nowhere', join(folder.path, 'data/dangling'));
    const source = await openFolderSource(join(folder.path, 'data'));
    expect(source.entries.map(({ path }) => path)).toEqual(['a.txt', 'sub/b.txt']);
    const hash = await source.sha256(['a.txt', 'sub/b.txt']);
    await folder.write('data/sub/b.txt', 'twO');
    expect(await source.sha256(['a.txt', 'sub/b.txt'])).not.toBe(hash);
  });

  it('that is empty has no files', async () => {
    await using folder = await scratchFolder();
    await mkdir(join(folder.path, 'empty'));
    expect((await openFolderSource(join(folder.path, 'empty'))).entries).toEqual([]);
  });
});
