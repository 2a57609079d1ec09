import { randomBytes } from 'node:crypto';
import { truncate } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../recording.ts';
import { describeDataset } from '../testing/describe-dataset.ts';
import { makeZip } from '../testing/make-zip.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';
import type { CsvOptions } from './csv-options.ts';
import { importDataset } from './import-dataset.ts';

async function importText(text: string, csv: CsvOptions = {}): Promise<Dataset> {
  await using folder = await scratchFolder();
  return await importDataset(await folder.write('walk.csv', text), { csv });
}
const HEADER = 'time,x,y,z,label,subject\n';
/** Rows of 50 Hz from `from` seconds; x counts up. */
const rows = (count: number, { from = 0, label = 'WALK', subject = 'ann', rate = 50 } = {}): string =>
  Array.from({ length: count }, (_, n) => `${(from + n / rate).toFixed(4)},${n},0,1,${label},${subject}\n`).join('');
const samplesOf = (dataset: Dataset, recording = 0): number[] => [...(dataset.recordings[recording]?.samples ?? [])];
const lengths = (dataset: Dataset): number[] =>
  dataset.recordings.map(({ samples }) => samples.length / dataset.channels.length);
const column = (dataset: Dataset, channel: number, recording = 0): number[] =>
  samplesOf(dataset, recording).filter((_, index) => index % dataset.channels.length === channel);

describe('the CSV importer', () => {
  describeDataset('a CSV', async () => ({
    ...(await importText(HEADER + rows(20) + rows(20, { subject: 'bob', label: 'SIT' }))),
    contentHash: '',
  }));

  it('reads time, three axes, label and subject', async () => {
    const dataset = await importText(
      HEADER +
        rows(3) +
        rows(2, { from: 0.06, label: 'SIT' }) +
        rows(2, { from: 0.1, label: '' }) +
        rows(4, { subject: 'bob' }),
    );
    expect(dataset).toMatchObject({ kind: 'csv', sampleRateHz: 50, labels: ['SIT', 'WALK'], notes: [] });
    expect(dataset.recordings.map(({ id, subject }) => [id, subject])).toEqual([
      ['subject-ann-part-1', 'ann'],
      ['subject-bob-part-1', 'bob'],
    ]);
    expect(dataset.recordings[0]?.segments).toEqual([
      { start: 0, end: 3, label: 1 },
      { start: 3, end: 5, label: 0 },
    ]);
    expect(samplesOf(dataset, 1)).toEqual([0, 0, 1, 1, 0, 1, 2, 0, 1, 3, 0, 1]);
  });

  it('converts units, negates the axes to flip, and takes columns by name in the order asked for', async () => {
    const text =
      'gz;T;Subject;acc_x (m/s^2);what;pressure\n' +
      Array.from({ length: 4 }, (_, n) => `180;${n * 20};"o; b";-9.80665;RUN;7\n`).join('');
    const dataset = await importText(text, {
      time: 'T',
      timeUnit: 'ms',
      label: 'what',
      channels: ['acc_x (m/s^2)', 'gz', 'pressure'],
      accelerationUnit: 'm/s2',
      angularVelocityUnit: 'deg/s',
      flip: ['acc_x (m/s^2)'],
    });
    expect(dataset.channels.map(({ name, unit }) => `${name} ${unit}`)).toEqual([
      'accX g',
      'gyroZ rad/s',
      'pressure other',
    ]);
    expect(samplesOf(dataset).slice(0, 3)).toEqual([1, Math.fround(Math.PI), 7]);
    expect(dataset.recordings[0]?.subject).toBe('o; b');
    expect(dataset.sampleRateHz).toBe(50);
  });

  it('splits at gaps, and notes where', async () => {
    const dataset = await importText(HEADER + rows(10) + rows(5, { from: 0.28 }) + rows(5, { from: 0.5 }));
    expect(lengths(dataset)).toEqual([19, 5]); // a gap of 5 samples is bridged, one of 7 is not
    expect(dataset.notes.find(({ code }) => code === 'time-gap')).toMatchObject({
      count: 1,
      examples: [expect.stringMatching(/walk\.csv:17$/)],
    });
    const strict = await importText(HEADER + rows(10) + rows(5, { from: 0.28 }) + rows(5, { from: 0.5 }), {
      maxGapSamples: 1.5,
    });
    expect(lengths(strict)).toEqual([10, 5, 5]);
  });

  it('resamples to the rate asked for by straight lines, and labels by the nearest row', async () => {
    const text = HEADER + rows(5, { rate: 25 }) + rows(4, { rate: 25, from: 0.2, label: 'SIT' });
    const dataset = await importText(text, { sampleRateHz: 50 });
    expect(lengths(dataset)).toEqual([17]);
    expect(column(dataset, 0).slice(0, 5)).toEqual([0, 0.5, 1, 1.5, 2]);
    expect(dataset.recordings[0]?.segments).toEqual([
      { start: 0, end: 10, label: 1 },
      { start: 10, end: 17, label: 0 },
    ]);
    expect(dataset.notes.map(({ code }) => code)).toEqual(['resampled']);
  });

  it('evens out a clock that jitters', async () => {
    const times = [0, 0.02, 0.045, 0.06, 0.08, 0.1];
    const dataset = await importText(HEADER + times.map((time) => `${time},${time * 100},0,1,W,a\n`).join(''));
    expect(dataset.sampleRateHz).toBe(50);
    expect(column(dataset, 0)).toEqual([0, 2, 4, 6, 8, 10].map((value) => expect.closeTo(value, 5) as number));
  });

  it('keeps recordings apart by their column, wherever their rows are', async () => {
    const text =
      'time,x,label,subject,session\n' +
      [0, 1, 2].map((n) => `${n / 10},${n},W,a,one\n${n / 10},${10 + n},W,a,two\n`).join('');
    const dataset = await importText(text, { recording: 'session' });
    expect(dataset.recordings.map(({ id }) => id)).toEqual(['subject-a-one-part-1', 'subject-a-two-part-1']);
    expect(samplesOf(dataset, 1)).toEqual([10, 11, 12]);
  });

  it('takes a rate instead of a time column, and the name of the file as the person, with a note', async () => {
    const dataset = await importText('x,label\n1,A\n2,A\n', { sampleRateHz: 20 });
    expect(dataset.recordings[0]).toMatchObject({ subject: 'walk', samples: Float32Array.of(1, 2) });
    expect(dataset.notes.map(({ code }) => code)).toEqual(['csv-no-subject']);
  });

  it('reads all files of a folder as one data set', async () => {
    await using folder = await scratchFolder();
    await folder.write('data/a.csv', HEADER + rows(5));
    await folder.write('data/b.csv', HEADER + rows(5, { label: 'SIT' }));
    const dataset = await importDataset(folder.path, { kind: 'csv' });
    expect(dataset.recordings.map(({ id }) => id)).toEqual([
      'data/a.csv-subject-ann-part-1',
      'data/b.csv-subject-ann-part-1',
    ]);
    expect(dataset.labels).toEqual(['SIT', 'WALK']);
    await folder.write('data/c.csv', 'time,x,label\n0,1,A\n1,1,A\n');
    await expect(importDataset(folder.path)).rejects.toMatchObject({ code: 'csv-channels-differ' });
  });

  it('reads lines that end with CR alone, empty lines above the header, and the sep= line of Excel', async () => {
    for (const text of [
      (HEADER + rows(5)).replaceAll('\n', '\r'),
      `\n  \n${HEADER}${rows(5)}`,
      `sep=;\n${(HEADER + rows(5)).replaceAll(',', ';')}`,
    ]) {
      expect(lengths(await importText(text))).toEqual([5]);
    }
  });

  it('leaves out columns without a name, with a note: the index that pandas writes is no signal', async () => {
    const indexed = (HEADER + rows(5))
      .trim()
      .split('\n')
      .map((line, n) => `${n === 0 ? '' : n - 1},${line},`)
      .join('\n');
    const dataset = await importText(indexed);
    expect(dataset.channels.map(({ name }) => name)).toEqual(['accX', 'accY', 'accZ']);
    expect(dataset.notes).toMatchObject([{ code: 'csv-unnamed-columns', count: 2 }]);
  });

  it('notes columns that became channels though their names tell no quantity', async () => {
    const text = 'time,x,subject_id,label,subject\n' + [0, 1, 2].map((n) => `${n / 50},1,7,W,a\n`).join('');
    expect((await importText(text)).notes).toMatchObject([
      { code: 'csv-other-channels', message: expect.stringContaining('subject_id') as string },
    ]);
    expect((await importText(text, { channels: ['x', 'subject_id'] })).notes).toEqual([]);
  });

  it('takes a quote inside a cell for a letter, and two quotes inside quotes for one', async () => {
    const dataset = await importText(
      'time,x,label,subject\n' + [0, 1, 2].map((n) => `${n / 50},1,"a ""b"", c",5" tall\n`).join(''),
    );
    expect([dataset.labels, dataset.recordings[0]?.subject]).toEqual([['a "b", c'], '5" tall']);
  });

  it('reads ISO time stamps to the microsecond, and those without a zone as UTC on every machine', async () => {
    const stamp = (n: number): string => `2020-03-29T0${n < 5 ? 1 : 2}:${n < 5 ? '59:59.99' : '00:00.00'}`;
    const times = Array.from({ length: 10 }, (_, n) => `${stamp(n)}${String((n % 5) * 2000).padStart(4, '0')}`);
    const text = HEADER + times.map((time) => `${time},1,0,0,W,a\n`).join('');
    const dataset = await importText(text);
    expect([dataset.sampleRateHz, lengths(dataset), dataset.notes]).toEqual([500, [10], []]);
  });

  it('reads ISO time stamps', async () => {
    const text =
      HEADER + ['00.00', '00.02', '00.04'].map((seconds) => `2020-01-01T10:00:${seconds}0Z,1,0,0,W,a\n`).join('');
    expect((await importText(text)).sampleRateHz).toBe(50);
  });

  it('notes an acceleration whose size is that of m/s² read as g', async () => {
    const dataset = await importText(HEADER + [0, 1, 2].map((n) => `${n / 50},0,9.8,0,W,a\n`).join(''));
    expect(dataset.notes).toMatchObject([
      { code: 'unit-suspect', message: expect.stringContaining('9.80 g') as string },
    ]);
  });

  it('notes rows that repeat the time before, and leaves them out', async () => {
    const dataset = await importText(HEADER + rows(3) + '0.0400,9,9,9,WALK,ann\n' + rows(2, { from: 0.06 }));
    expect(lengths(dataset)).toEqual([5]);
    expect(dataset.notes).toMatchObject([{ code: 'time-repeated', count: 1 }]);
  });

  it('has another hash with other options', async () => {
    await using folder = await scratchFolder();
    const path = await folder.write('walk.csv', HEADER + rows(5));
    const plain = await importDataset(path);
    expect((await importDataset(path, { csv: { accelerationUnit: 'm/s2' } })).contentHash).not.toBe(plain.contentHash);
  });

  it.each<[string, string, CsvOptions, string, string]>([
    ['time that runs backwards', HEADER + rows(3) + '0.0100,1,1,1,WALK,ann\n', {}, 'time-not-monotone', 'walk.csv:5:'],
    ['a cell that is no number', HEADER + rows(3) + '0.0600,1,abc,1,WALK,ann\n', {}, 'not-a-number', 'walk.csv:5:'],
    ['NaN', HEADER + rows(1) + '0.0200,NaN,1,1,WALK,ann\n', {}, 'not-a-number', 'walk.csv:3:'],
    ['infinity', HEADER + rows(1) + '0.0200,1,-Infinity,1,WALK,ann\n', {}, 'not-a-number', 'walk.csv:3:'],
    ['a missing value', HEADER + rows(1) + '0.0200,,1,1,WALK,ann\n', {}, 'not-a-number', 'walk.csv:3:'],
    ['a row too short', HEADER + rows(1) + '0.0200,1\n', {}, 'row-width', 'walk.csv:3:'],
    ['a row too long', HEADER + rows(1) + '0.0200,1,1,1,WALK,ann,more\n', {}, 'row-width', 'walk.csv:3:'],
    ['no label column', 'time,x,subject\n0,1,a\n', {}, 'csv-column-missing', 'walk.csv:1:'],
    ['no time column', 'x,label\n1,A\n', {}, 'csv-column-missing', 'walk.csv:1:'],
    ['a channel that is not there', HEADER + rows(3), { channels: ['x', 'q'] }, 'csv-column-missing', 'walk.csv:1:'],
    ['the same column twice', 'time,x,x,label\n0,1,1,A\n', {}, 'csv-column-twice', 'walk.csv:1:'],
    ['two columns of one meaning', 'time,x,acc_x,label\n0,1,1,A\n1,1,1,A\n', {}, 'csv-column-twice', 'walk.csv:1:'],
    ['a label that is not on the list', HEADER + rows(3), { labels: ['SIT'] }, 'label-unknown', 'walk.csv:2:'],
    ['an empty person', HEADER + rows(3, { subject: '' }), {}, 'subject-missing', 'walk.csv:2:'],
    [
      'milliseconds taken as seconds',
      HEADER + [0, 20, 40].map((ms) => `${ms},1,1,1,W,a\n`).join(''),
      {},
      'csv-rate',
      'timeUnit',
    ],
    ['labels that are all empty', HEADER + rows(3, { label: '' }), {}, 'csv-unlabelled', 'walk.csv'],
    ['a header alone', HEADER, {}, 'file-empty', 'walk.csv'],
    ['an empty file', '', {}, 'file-empty', 'walk.csv'],
    ['an empty first cell in the line', HEADER + rows(2) + ',1,1,1,WALK,ann\n', {}, 'not-a-number', 'walk.csv:4:'],
    ['numbers with a comma', 'time;x;label\n0;1,5;A\n', {}, 'not-a-number', 'Write numbers with a point'],
    ['no header', rows(5), {}, 'csv-header-missing', 'walk.csv:1:'],
    ['a quote left open', HEADER + rows(2) + '0.06,1,1,1,WALK,"ann\n', {}, 'quote-open', 'walk.csv:4:'],
    ['UTF-16', `\uFEFF${HEADER}`.split('').join('\0') + '\0', {}, 'not-text', 'walk.csv:1:'],
    ['a line without an end', HEADER + rows(2) + 'x'.repeat(2_000_000), {}, 'not-text', 'walk.csv:4:'],
    ['a zero byte', HEADER + rows(2) + '0.06,1,1,1,WA\0LK,ann\n', {}, 'not-text', 'walk.csv:4:'],
    ['the label as a channel', HEADER + rows(3), { channels: ['x', 'label'] }, 'csv-column-twice', 'walk.csv:1:'],
    ['the time as the label', HEADER + rows(3), { label: 'time' }, 'csv-column-twice', 'walk.csv:1:'],
    ['labels named twice', HEADER + rows(3), { labels: ['WALK', 'WALK'] }, 'csv-options', 'different names'],
    [
      'a gap bridged by millions of samples',
      HEADER + rows(3) + rows(3, { from: 1e6 }),
      { maxGapSamples: 1e12 },
      'csv-rate',
      'walk.csv:2:',
    ],
    ['a rate far above that of the rows', HEADER + rows(3), { sampleRateHz: 50_000 }, 'csv-rate', 'walk.csv:2:'],
    ['a rate below 0', HEADER + rows(3), { sampleRateHz: -1 }, 'csv-options', 'sampleRateHz'],
  ])('refuses %s, naming the place', async (_, text, options, code, place) => {
    await expect(importText(text, options)).rejects.toMatchObject({
      name: 'InputError',
      code,
      message: expect.stringContaining(place) as string,
    });
  });
});

describe('a file of gigabytes', () => {
  it('is refused before it is read, alone and in a folder', async () => {
    await using folder = await scratchFolder();
    const path = await folder.write('data/walk.csv', '');
    await truncate(path, 3 * 2 ** 30); // sparse: takes no room
    for (const place of [path, folder.path]) {
      await expect(importDataset(place)).rejects.toMatchObject({
        code: 'file-too-large',
        message: expect.stringContaining(`${path}: expected a file of at most 500000000 bytes`) as string,
      });
    }
  });
});

describe('a CSV of another encoding', () => {
  it('is refused at its line, as its labels would lose their letters', async () => {
    await using folder = await scratchFolder();
    const text = HEADER + rows(3) + rows(3, { from: 0.06, label: 'gr\u00f6n' });
    const path = await folder.write('walk.csv', Buffer.from(text, 'latin1'));
    await expect(importDataset(path)).rejects.toMatchObject({ code: 'not-text', line: 5 });
  });
});

describe('importDataset', () => {
  it('says what it looked for where there is nothing, and refuses a path or kind that is not there', async () => {
    await using folder = await scratchFolder();
    await expect(importDataset(folder.path)).rejects.toMatchObject({
      code: 'dataset-not-found',
      message: expect.stringContaining('RawData/acc_exp01_user01.txt') as string,
    });
    await expect(importDataset(`${folder.path}/nope`)).rejects.toMatchObject({ code: 'path-missing' });
    await expect(importDataset('/dev/null')).rejects.toMatchObject({ code: 'path-not-a-file' });
    await expect(importDataset(folder.path, { kind: 'mnist' as 'csv' })).rejects.toMatchObject({
      code: 'dataset-kind',
    });
  });

  it('refuses zips in a zip that together would fill the memory', async () => {
    await using folder = await scratchFolder();
    const inner = { content: randomBytes(1_600_000), declaredBytes: 300_000_000 };
    const path = await folder.write('outer.zip', makeZip(['a.zip', 'b.zip'].map((name) => ({ name, ...inner }))));
    await expect(importDataset(path)).rejects.toMatchObject({
      code: 'archive-too-large',
      message: expect.stringContaining('600000000 bytes of zips inside a zip') as string,
    });
  });

  it('does not pass over an archive that is damaged, unless another one is asked for', async () => {
    await using folder = await scratchFolder();
    await folder.write('hapt.zip', 'PK\x03\x04 and then nothing');
    await folder.write('walk.csv', HEADER + rows(5));
    await expect(importDataset(folder.path)).rejects.toMatchObject({ code: 'archive-damaged' });
    await expect(importDataset(folder.path, { kind: 'hapt' })).rejects.toMatchObject({ code: 'archive-damaged' });
    expect((await importDataset(folder.path, { kind: 'csv' })).recordings).toHaveLength(1);
  });
});
