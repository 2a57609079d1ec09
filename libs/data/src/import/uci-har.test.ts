import { describe, expect, it } from 'vitest';
import type { Dataset } from '../recording.ts';
import { describeDataset } from '../testing/describe-dataset.ts';
import { makeZip } from '../testing/make-zip.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { importDataset } from './import-dataset.ts';

const SIGNALS = ['body_acc', 'body_gyro', 'total_acc'].flatMap((signal) =>
  ['x', 'y', 'z'].map((axis) => `${signal}_${axis}`),
);

/** One stretch of a person doing one thing, cut as UCI HAR is: 128 samples every 64. */
interface Stretch {
  readonly subject: number;
  readonly activity: number;
  readonly windows: number;
}
const TRAIN: readonly Stretch[] = [
  { subject: 1, activity: 5, windows: 3 },
  { subject: 1, activity: 5, windows: 2 },
  { subject: 1, activity: 1, windows: 1 },
  { subject: 3, activity: 6, windows: 4 },
];
const TEST: readonly Stretch[] = [{ subject: 2, activity: 2, windows: 2 }];

/** Sample n of a stretch differs in every channel and stretch. */
const sample = (channel: number, stretch: number, n: number): number => (channel + 1) / 16 + stretch + n / 4096;
// As published: width 16, three digits of exponent.
const format = (value: number): string =>
  ` ${value.toExponential(7).replace(/e([+-])(\d+)$/, (_, sign: string, digits: string) => `e${sign}${digits.padStart(3, '0')}`)}`;

function files(set: string, stretches: readonly Stretch[], offset: number): Record<string, string> {
  const each = (make: (stretch: Stretch, index: number, window: number) => string): string =>
    stretches
      .flatMap((stretch, index) =>
        Array.from({ length: stretch.windows }, (_, window) => `${make(stretch, index, window)}\n`),
      )
      .join('');
  return {
    [`UCI HAR Dataset/${set}/y_${set}.txt`]: each(({ activity }) => String(activity)),
    [`UCI HAR Dataset/${set}/subject_${set}.txt`]: each(({ subject }) => String(subject)),
    ...Object.fromEntries(
      SIGNALS.map((signal, channel) => [
        `UCI HAR Dataset/${set}/Inertial Signals/${signal}_${set}.txt`,
        each((_, index, window) =>
          Array.from({ length: 128 }, (__, n) => format(sample(channel, offset + index, window * 64 + n))).join(''),
        ),
      ]),
    ),
  };
}
const FILES: Readonly<Record<string, string>> = {
  'UCI HAR Dataset/README.txt': 'read me',
  '__MACOSX/UCI HAR Dataset/._README.txt': 'litter',
  ...files('train', TRAIN, 0),
  ...files('test', TEST, 10),
};

async function importFiles(changes: Readonly<Record<string, string | undefined>> = {}, wrap = false): Promise<Dataset> {
  await using folder = await scratchFolder();
  const entries = Object.entries({ ...FILES, ...changes }).flatMap(([name, content]) =>
    content === undefined ? [] : [{ name, content }],
  );
  const zip = makeZip(entries);
  return await importDataset(
    await folder.write('har.zip', wrap ? makeZip([{ name: 'UCI HAR Dataset.zip', content: zip }]) : zip),
  );
}

describe('the UCI HAR importer', () => {
  describeDataset('a small UCI HAR', () => importFiles());

  it('joins windows that continue each other, so that cutting gives exactly the published windows', async () => {
    const dataset = await importFiles();
    expect(
      dataset.recordings.map(({ id, subject, samples, segments }) => [id, subject, samples.length / 9, segments]),
    ).toEqual([
      ['train-subject-1-run-1', '1', 256, [{ start: 0, end: 256, label: 4 }]],
      ['train-subject-1-run-2', '1', 192, [{ start: 0, end: 192, label: 4 }]],
      ['train-subject-1-run-3', '1', 128, [{ start: 0, end: 128, label: 0 }]],
      ['train-subject-3-run-1', '3', 320, [{ start: 0, end: 320, label: 5 }]],
      ['test-subject-2-run-1', '2', 192, [{ start: 0, end: 192, label: 1 }]],
    ]);
    const windows = dataset.recordings.map(({ samples }) => (samples.length / 9 - 128) / 64 + 1);
    expect(windows).toEqual([3, 2, 1, 4, 2]);
    expect(dataset.officialSplit).toEqual({ name: 'official people split', train: ['1', '3'], test: ['2'] });
  });

  it('keeps every sample once, in channels total acceleration, gyroscope, body acceleration', async () => {
    const dataset = await importFiles();
    expect(dataset.channels.map(({ name }) => name)).toEqual([
      'accX',
      'accY',
      'accZ',
      'gyroX',
      'gyroY',
      'gyroZ',
      'bodyAccX',
      'bodyAccY',
      'bodyAccZ',
    ]);
    const run = dataset.recordings[3];
    for (let n = 0; n < 320; n++) {
      const expected = [6, 7, 8, 3, 4, 5, 0, 1, 2].map((channel) =>
        Math.fround(Number(sample(channel, 3, n).toExponential(7))),
      );
      expect([...(run?.samples.subarray(n * 9, n * 9 + 9) ?? [])]).toEqual(expected);
    }
  });

  it('does not join windows that differ in one channel only', async () => {
    const name = 'UCI HAR Dataset/test/Inertial Signals/body_gyro_y_test.txt';
    const lines = (FILES[name] as string).split('\n');
    lines[1] = (lines[1] as string).replace(/^ \S+/, ' 9.0000000e+000');
    const dataset = await importFiles({ [name]: lines.join('\n') });
    expect(dataset.recordings.slice(4).map(({ samples }) => samples.length / 9)).toEqual([128, 128]);
  });

  it('is found in a zip inside a zip, as the repository serves it', async () => {
    expect((await importFiles({}, true)).recordings).toEqual((await importFiles()).recordings);
  });

  const INERTIAL = 'UCI HAR Dataset/train/Inertial Signals/';
  it.each([
    [
      'a signal that is missing',
      { [`${INERTIAL}total_acc_y_train.txt`]: undefined },
      'uci-har-files-missing',
      '1 of 22 files are missing: train/Inertial Signals/total_acc_y_train.txt',
    ],
    [
      'a window that is too short',
      { [`${INERTIAL}body_acc_x_train.txt`]: format(1).repeat(127) + '\n' },
      'row-width',
      'body_acc_x_train.txt:1:',
    ],
    [
      'a signal with fewer windows',
      { [`${INERTIAL}body_acc_x_train.txt`]: format(1).repeat(128) + '\n' },
      'uci-har-lengths-differ',
      'body_acc_x_train.txt:',
    ],
    ['an unknown activity', { 'UCI HAR Dataset/test/y_test.txt': '1\n7\n' }, 'label-unknown', 'y_test.txt:2:'],
    [
      'a subject that is no number',
      { 'UCI HAR Dataset/test/subject_test.txt': '2\nx\n' },
      'label-unknown',
      'subject_test.txt:2:',
    ],
    [
      'a line left empty, which would move the labels behind it',
      { 'UCI HAR Dataset/test/y_test.txt': '1\n\n1\n' },
      'label-missing',
      'y_test.txt:2:',
    ],
    [
      'people in both sets',
      { 'UCI HAR Dataset/test/subject_test.txt': '1\n1\n' },
      'uci-har-people-shared',
      'subject_test.txt:',
    ],
    [
      'a NaN',
      { [`${INERTIAL}body_acc_x_train.txt`]: format(1).repeat(127) + ' NaN\n' },
      'not-a-number',
      'body_acc_x_train.txt:1:',
    ],
  ])('refuses %s, naming the place', async (_, changes, code, place) => {
    await expect(importFiles(changes)).rejects.toMatchObject({
      name: 'InputError',
      code,
      message: expect.stringContaining(place) as string,
    });
  });
});
