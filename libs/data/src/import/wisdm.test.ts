import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../recording.ts';
import { describeDataset } from '../testing/describe-dataset.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { importDataset } from './import-dataset.ts';

const NAME = 'WISDM_ar_v1.1_raw.txt';
const G = 9.80665;

async function importText(text: string): Promise<Dataset> {
  await using folder = await scratchFolder();
  return await importDataset(await folder.write(NAME, text), { kind: 'wisdm' });
}
/** Records 50 ms apart. */
const records = (user: number, activity: string, from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `${user},${activity},${1e12 + (from + i) * 5e7},${i},${-i},${G};\n`).join('');
const codes = (dataset: Dataset): Record<string, number> =>
  Object.fromEntries(dataset.notes.map(({ code, count }) => [code, count]));
const lengths = (dataset: Dataset): number[] => dataset.recordings.map(({ samples }) => samples.length / 3);

describe('the WISDM importer', () => {
  describeDataset('a small WISDM', () => importText(records(33, 'Jogging', 0, 30) + records(5, 'Walking', 0, 20)));

  it('makes a recording a person and stretch of time, a segment an activity, and g of m/s²', async () => {
    const dataset = await importText(
      records(33, 'Jogging', 0, 30) +
        records(33, 'Walking', 30, 20) +
        records(33, 'Walking', 90, 5) +
        records(5, 'Sitting', 0, 4) +
        records(33, 'Walking', 200, 3),
    );
    expect(dataset.recordings.map(({ id }) => id)).toEqual([
      'user-33-run-1',
      'user-33-run-2',
      'user-5-run-1',
      'user-33-run-3',
    ]);
    expect(lengths(dataset)).toEqual([50, 5, 4, 3]);
    expect(dataset.recordings[0]?.segments).toEqual([
      { start: 0, end: 30, label: 1 },
      { start: 30, end: 50, label: 0 },
    ]);
    expect([...(dataset.recordings[0]?.samples.subarray(3, 6) ?? [])]).toEqual([...Float32Array.of(1 / G, -1 / G, 1)]);
    expect(codes(dataset)).toEqual({ 'wisdm-time-gap': 1, 'wisdm-user-returns': 1 });
    expect(dataset.sampleRateHz).toBe(20);
  });

  it('counts and places every defect of the published file, and drops none silently', async () => {
    const many = records(1, 'Walking', 1000, 2000);
    const dataset = await importText(
      [
        '1,Walking,1000000000000,1,2,3;1,Walking,1000050000000,1,2,3;',
        '1,Walking,1000100000000,1,2,;',
        '1,Walking,1000150000000,1,2,3,;',
        '1,Walking,1000200000000,1,2,3;,',
        '1,Walking,0,0,0,0;',
        '1,Walking,0,1,2,3;',
        '1,Walking,1000250000000,1,2,3',
        '',
        '1,Walking,1000250000000,1,2,3;',
        '1,Walking,900000000000,1,2,3;',
        '1,Walking,9000500000001,Walking,900050000000,1,2,3;',
        many,
      ].join('\n'),
    );
    expect(codes(dataset)).toEqual({
      'wisdm-several-records': 1,
      'wisdm-missing-value': 1,
      'wisdm-trailing-comma': 2,
      'wisdm-placeholder': 1,
      'wisdm-zero-time': 1,
      'wisdm-time-repeated': 1,
      'wisdm-time-backwards': 1,
      'wisdm-malformed': 1,
      'wisdm-time-gap': 1,
    });
    expect(dataset.notes.find(({ code }) => code === 'wisdm-missing-value')?.examples[0]).toMatch(/raw\.txt:2$/);
    expect(dataset.notes.find(({ code }) => code === 'wisdm-malformed')?.examples[0]).toMatch(/raw\.txt:11$/);
    expect(lengths(dataset)).toEqual([7, 1, 2000]);
  });

  it('says of a record with all its values and a time that is none that it cannot be read, not that a value is missing', async () => {
    const dataset = await importText(
      records(1, 'Walking', 0, 20) +
        ['-5', '4.9e13', '9'.repeat(30), 'abc'].map((time) => `1,Walking,${time},1,2,3;\n`).join('') +
        '1,Walking,,1,2,3;\n',
    );
    expect(codes(dataset)).toEqual({ 'wisdm-malformed': 4, 'wisdm-missing-value': 1 });
  });

  it('reads the published tar.gz', async () => {
    await using folder = await scratchFolder();
    const archive = pack();
    archive.entry({ name: `WISDM_ar_v1.1/${NAME}` }, records(2, 'Standing', 0, 40));
    archive.entry({ name: 'WISDM_ar_v1.1/readme.txt' }, 'read me');
    archive.finalize();
    const chunks: Uint8Array[] = [];
    for await (const chunk of archive) chunks.push(chunk as Uint8Array);
    const path = await folder.write('WISDM_ar_latest.tar.gz', gzipSync(Buffer.concat(chunks)));
    expect(lengths(await importDataset(path))).toEqual([40]);
    expect(lengths(await importDataset(folder.path))).toEqual([40]);
  });

  it.each([
    [
      'an unknown activity',
      records(1, 'Walking', 0, 3) + '1,Swimming,1000200000000,1,2,3;\n',
      'label-unknown',
      `${NAME}:4:`,
    ],
    ['NaN', records(1, 'Walking', 0, 3) + '1,Walking,1000200000000,1,NaN,3;\n', 'not-a-number', `${NAME}:4:`],
    ['1e999', records(1, 'Walking', 0, 3) + '1,Walking,1000200000000,1,1e999,3;\n', 'not-a-number', `${NAME}:4:`],
    [
      'more than float32 holds',
      records(1, 'Walking', 0, 3) + '1,Walking,1000200000000,1,1e39,3;\n',
      'not-a-number',
      `${NAME}:4:`,
    ],
    ['an empty file', '', 'file-empty', NAME],
    ['another file altogether', 'a,b\n'.repeat(100), 'wisdm-malformed', `${NAME}:1:`],
  ])('refuses %s, naming file and line', async (_, text, code, place) => {
    await expect(importText(text)).rejects.toMatchObject({
      name: 'InputError',
      code,
      message: expect.stringContaining(place) as string,
    });
  });
});
