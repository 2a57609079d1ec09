import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { allowedPath } from './allowed-path.ts';

describe('a path from input', () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'kinetune-paths-')));
  const [home, data, secret] = ['home', 'data', 'secret'].map((name) => join(root, name)) as [string, string, string];
  for (const folder of [home, data, secret, `${data}-more`]) mkdirSync(folder);
  for (const file of [join(home, 'a.csv'), join(data, '..b.csv'), join(secret, 'c.csv')]) writeFileSync(file, '1');
  symlinkSync(secret, join(data, 'link'));
  symlinkSync(data, join(root, 'alias'));
  const folders = { home, dataFolders: [data, join(root, 'alias')] };
  const read = (path: string) => allowedPath(path, folders, ['path']);
  afterAll(() => rmSync(root, { recursive: true }));

  it.each([
    ['a.csv', join(home, 'a.csv')],
    ['./x/../a.csv', join(home, 'a.csv')],
    [join(data, '..b.csv'), join(data, '..b.csv')],
    [data, data],
    [join(root, 'alias', '..b.csv'), join(data, '..b.csv')],
  ])('leads where it may: %s', async (path, expected) => {
    expect(await read(path)).toBe(expected);
  });

  it.each([
    '/etc/passwd',
    '../secret/c.csv',
    join(data, '../secret/c.csv'),
    join(data, 'link/c.csv'),
    `${data}-more`,
    '/etc/not-there',
    'a.csv\0',
    root,
  ])('leads nowhere else: %s', async (path) => {
    await expect(read(path)).rejects.toMatchObject({ code: 'path-not-allowed', field: ['path'] });
  });

  it('within the folders says when there is nothing', async () => {
    await expect(read('none.csv')).rejects.toMatchObject({ code: 'path-not-found' });
  });
});
