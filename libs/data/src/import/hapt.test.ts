import { describe, expect, it } from 'vitest';
import { describeDataset } from '../testing/describe-dataset.ts';
import { makeZip } from '../testing/make-zip.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';
import type { Dataset } from '../recording.ts';
import { importDataset } from './import-dataset.ts';
import type { ImportOptions } from './import-dataset.ts';

const rows = (count: number): string => Array.from({ length: count }, (_, i) => `${i / 8} 0.5 -1`).join('\n') + '\n';
const FILES: Readonly<Record<string, string>> = {
  'HAPT Data Set/RawData/acc_exp01_user01.txt': rows(10),
  'HAPT Data Set/RawData/gyro_exp01_user01.txt': rows(10),
  'HAPT Data Set/RawData/acc_exp02_user02.txt': rows(6),
  'HAPT Data Set/RawData/gyro_exp02_user02.txt': rows(6),
  'HAPT Data Set/RawData/labels.txt': '1 1 5 1 4\n1 1 7 5 6\n1 1 1 8 10\n2 2 6 2 6\n',
};

async function importFiles(
  changes: Readonly<Record<string, string | undefined>> = {},
  options: ImportOptions = {},
): Promise<Dataset> {
  await using folder = await scratchFolder();
  const entries = Object.entries({ ...FILES, ...changes }).flatMap(([name, content]) =>
    content === undefined ? [] : [{ name, content }],
  );
  return await importDataset(await folder.write('hapt.zip', makeZip(entries)), options);
}

const RAW = 'HAPT Data Set/RawData/';

describe('the HAPT importer', () => {
  describeDataset('a small HAPT', async () => ({ ...(await importFiles()), contentHash: '' }));

  it('reads a zip, its unpacked folder and its parent folder alike', async () => {
    await using folder = await scratchFolder();
    for (const [name, content] of Object.entries(FILES)) await folder.write(`data/${name}`, content);
    const unpacked = await importDataset(folder.path);
    const zipped = await importFiles();
    expect(unpacked.recordings).toEqual(zipped.recordings);
    for (const name of ['data/HAPT Data Set', 'data/HAPT Data Set/RawData']) {
      expect((await importDataset(`${folder.path}/${name}`)).recordings).toEqual(zipped.recordings);
    }
  });

  it('drops transitions from the six activities, and keeps them in all', async () => {
    expect((await importFiles()).recordings[0]?.segments).toEqual([
      { start: 0, end: 4, label: 4 },
      { start: 4, end: 6, label: 6 },
      { start: 7, end: 10, label: 0 },
    ]);
    expect((await importFiles({}, { activities: 'six' })).recordings[0]?.segments).toEqual([
      { start: 0, end: 4, label: 4 },
      { start: 7, end: 10, label: 0 },
    ]);
  });

  it('reads labels whose lines end with CR, and notes experiments that have none', async () => {
    const dataset = await importFiles({ [`${RAW}labels.txt`]: '\uFEFF1 1 5 1 4\r1\t1 7 5 6 \r' });
    expect(dataset.recordings.map(({ segments }) => segments.length)).toEqual([2, 0]);
    expect(dataset.notes).toMatchObject([
      { code: 'hapt-unlabelled', count: 1, examples: [expect.stringContaining('acc_exp02_user02.txt') as string] },
    ]);
  });

  it.each([
    [
      'labels beyond the end of the recording',
      { 'labels.txt': '1 1 5 1 4\n1 1 5 5 11\n' },
      'label-beyond-recording',
      'labels.txt:2:',
    ],
    ['labels that overlap', { 'labels.txt': '1 1 5 1 4\n1 1 4 4 8\n' }, 'labels-overlap', 'labels.txt:2:'],
    ['a label from sample 0', { 'labels.txt': '1 1 5 0 4\n' }, 'label-range', 'labels.txt:1:'],
    ['a range that runs backwards', { 'labels.txt': '1 1 5 4 3\n' }, 'label-range', 'labels.txt:1:'],
    ['an unknown activity', { 'labels.txt': '1 1 5 1 4\n1 1 13 5 6\n' }, 'label-unknown', 'labels.txt:2:'],
    ['an unknown experiment', { 'labels.txt': '9 1 5 1 4\n' }, 'hapt-experiment-unknown', 'labels.txt:1:'],
    ["another user than the files'", { 'labels.txt': '1 2 5 1 4\n' }, 'hapt-user-differs', 'labels.txt:1:'],
    ['a label row of four numbers', { 'labels.txt': '1 1 5 1\n' }, 'row-width', 'labels.txt:1:'],
    ['empty labels', { 'labels.txt': '' }, 'file-empty', 'labels.txt:'],
    ['no labels', { 'labels.txt': undefined }, 'hapt-labels-missing', 'labels.txt:'],
    [
      'a gyro file that is shorter',
      { 'gyro_exp02_user02.txt': rows(5) },
      'hapt-lengths-differ',
      'gyro_exp02_user02.txt:',
    ],
    [
      'a gyro file that is missing',
      { 'gyro_exp02_user02.txt': undefined },
      'hapt-file-missing',
      'acc_exp02_user02.txt:',
    ],
    [
      'an experiment of two users',
      { 'acc_exp01_user03.txt': rows(10) },
      'hapt-experiment-ambiguous',
      'acc_exp01_user03.txt:',
    ],
    ['an empty signal', { 'acc_exp01_user01.txt': '' }, 'file-empty', 'acc_exp01_user01.txt:'],
    ['a NaN', { 'acc_exp01_user01.txt': rows(3) + '1 nan 2\n' }, 'not-a-number', 'acc_exp01_user01.txt:4:'],
    ['two columns', { 'acc_exp01_user01.txt': rows(3) + '1 2\n' }, 'row-width', 'acc_exp01_user01.txt:4:'],
  ])('refuses %s, naming archive, entry and line', async (_, changes, code, place) => {
    const named = Object.fromEntries(Object.entries(changes).map(([name, content]) => [RAW + name, content]));
    await expect(importFiles(named)).rejects.toMatchObject({
      name: 'InputError',
      code,
      message: expect.stringContaining(`hapt.zip!${RAW}${place}`) as string,
    });
  });
});
