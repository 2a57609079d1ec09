import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listDatasets } from '@kinetune/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveApi, type ServedApi } from '../testing/served-api.ts';
import { writeSmallStudy } from '../testing/small-study.ts';

describe('importDataset', () => {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'kinetune-import-'));
  const data = join(root, 'data');
  let api: ServedApi;
  beforeAll(async () => {
    writeSmallStudy(data);
    writeSmallStudy(join(root, 'secret'));
    writeSmallStudy(`${data}-more`);
    api = await serveApi({ dataFolders: [data] });
  }, 120_000);
  afterAll(async () => {
    expect(api.hidden).toEqual([]);
    await api[Symbol.asyncDispose]();
    rmSync(root, { recursive: true });
  });

  const load = async (input: object) => {
    const query = `mutation ($input: ImportDatasetInput!) { importDataset(input: $input) { __typename
      ... on ImportedDataset { dataset { id name contentHash spec isLeaking windowCount } inspection }
      ... on Refusal { code message field } } }`;
    const answer = await api.ask(query, { input });
    expect(answer.errors).toBeUndefined();
    return answer.data.importDataset;
  };
  const file = join(data, 'recordings.csv');
  const window = { length: 32, step: 16 };

  it('imports what it may, and records it with its audit', async () => {
    const looked = await load({ path: file, window, dryRun: true });
    expect(looked).toMatchObject({
      dataset: null,
      inspection: { kind: 'csv', recordings: 6, split: { kind: 'group-k-fold', foldCount: 5 } },
    });
    expect(looked.inspection.audit[0]).toMatch(/clean/);
    expect(await listDatasets(api.db)).toEqual([]);
    const { dataset } = await load({
      path: file,
      window,
      csv: { channels: ['x', 'y'] },
      split: { kind: 'group-k-fold', folds: 3 },
    });
    expect(dataset).toMatchObject({
      isLeaking: false,
      spec: { dataset: 'csv', path: file, window, split: { folds: 3 } },
    });
    expect(await listDatasets(api.db)).toHaveLength(1);
    await load({ path: file, window });
    expect((await listDatasets(api.db)).map(({ spec }) => spec.split)).toContainEqual({
      kind: 'group-k-fold',
      folds: 5,
      fold: 0,
      seed: 0,
    });
  });

  it('finds a relative path in the home and in the allowed folders', async () => {
    expect(await load({ path: 'recordings.csv', window, dryRun: true })).toMatchObject({
      __typename: 'ImportedDataset',
    });
    mkdirSync(join(api.home, 'mine'));
    writeSmallStudy(join(api.home, 'mine'));
    expect(await load({ path: 'mine/recordings.csv', window, dryRun: true })).toMatchObject({
      __typename: 'ImportedDataset',
    });
  });

  it('reads nothing outside of the home and the allowed folders, and says no more of it', async () => {
    symlinkSync(join(root, 'secret'), join(data, 'link'));
    const socket = createServer().listen(join(data, 'socket'));
    const before = await listDatasets(api.db);
    for (const path of [
      join(root, 'secret/recordings.csv'),
      join(data, '../secret/recordings.csv'),
      join(data, 'link/recordings.csv'),
      join(`${data}-more`, 'recordings.csv'),
      join(root, 'nothing-there'),
      '/etc/passwd',
      '/dev/zero',
      '../secret',
      '',
      root,
    ])
      expect(await load({ path }), path).toMatchObject({ code: 'path-not-allowed', field: ['path'] });
    expect(await load({ path: join(data, 'socket') })).toMatchObject({ code: 'path-not-a-file', field: ['path'] });
    expect(await listDatasets(api.db)).toEqual(before);
    socket.close();
  });

  it('names the field of what cannot be', async () => {
    writeFileSync(join(data, 'broken.csv'), 'time,x,label,subject\n0,one,sit,a\n');
    for (const [input, code, field] of [
      [{ kind: 'cvs' }, 'dataset-kind', ['kind']],
      [{ window: { length: 0 } }, 'data-not-read', ['window', 'length']],
      [{ split: { kind: 'group-k-fold', folds: 2 } }, 'data-not-read', ['split', 'folds']],
      [{ csv: { channel: ['x'] } }, 'data-not-read', ['csv']],
    ] as const)
      expect(await load({ path: file, ...input })).toMatchObject({ code, field });
    const broken = await load({ path: join(data, 'broken.csv'), window });
    expect(broken).toMatchObject({ __typename: 'Refusal', field: ['path'] });
    expect(broken.message).toContain('broken.csv:2');
  });
});
