import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../recording.ts';
import { describeDataset } from '../testing/describe-dataset.ts';
import {
  HAS_REAL_DATA,
  HAS_WATCH,
  NO_REAL_DATA,
  NO_WATCH,
  REAL_DATA_FOLDER,
  WATCH_PATH,
} from '../testing/real-data.ts';
import { importDataset, locateDataset } from './import-dataset.ts';

const sampleCount = (dataset: Dataset): number =>
  dataset.recordings.reduce((sum, { samples }) => sum + samples.length / dataset.channels.length, 0);
/** Of all samples, to hold against fixtures/sample-hashes.py. */
const samplesSha256 = (dataset: Dataset): string => {
  const hash = createHash('sha256');
  for (const { samples } of dataset.recordings) {
    hash.update(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  }
  return hash.digest('hex');
};
const people = (dataset: Dataset): Set<string> => new Set(dataset.recordings.map(({ subject }) => subject));
const segments = (dataset: Dataset) =>
  dataset.recordings.flatMap((recording) => recording.segments.map((segment) => ({ recording, ...segment })));
/** Windows of 128 every 64 samples that lie inside one segment, by label. */
const windowsByLabel = (dataset: Dataset, subjects?: readonly string[]): number[] => {
  const counts = dataset.labels.map(() => 0);
  for (const { recording, start, end, label } of segments(dataset)) {
    if (subjects === undefined || subjects.includes(recording.subject))
      counts[label] = (counts[label] as number) + Math.max(0, Math.floor((end - start - 128) / 64) + 1);
  }
  return counts;
};
const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

describe.skipIf(!HAS_WATCH)(`the watch data${NO_WATCH}`, () => {
  describeDataset('the watch data', () => importDataset(WATCH_PATH));

  it('has 140 series of 947 to 2,618 samples, 244,102 in all, and the published windows', async () => {
    const dataset = await importDataset(WATCH_PATH, { kind: 'watch' });
    const lengths = dataset.recordings.map(({ samples }) => samples.length / 6);
    expect([lengths.length, Math.min(...lengths), Math.max(...lengths), total(lengths)]).toEqual([
      140, 947, 2618, 244_102,
    ]);
    expect(people(dataset).size).toBe(10);
    expect(dataset.labels).toEqual(['PEN', 'ABD', 'FEL', 'IR', 'ER', 'TRAP', 'ROW']);
    expect(windowsByLabel(dataset)).toEqual([388, 592, 602, 555, 556, 449, 463]);
    expect(samplesSha256(dataset)).toBe('578415ee4b77ce6b8cb765d2795caefafc9622103fa0386990b956299df0005f');
    expect(dataset.notes).toEqual([]);
    // The arrays are in Fortran order; the first rows of series 0 as numpy prints them.
    const first = dataset.recordings[0];
    expect([...(first?.samples.subarray(0, 12) ?? [])]).toEqual([
      ...Float32Array.of(
        -1.083608,
        -0.018609,
        -0.02726,
        0.41141,
        -1.603097,
        -2.488642,
        -1.077527,
        -0.021503,
        -0.018727,
        0.456227,
        -1.778859,
        -2.354247,
      ),
    ]);
  });
});

describe.skipIf(!HAS_REAL_DATA)(`HAPT${NO_REAL_DATA}`, () => {
  describeDataset('HAPT-6', () => importDataset(REAL_DATA_FOLDER, { kind: 'hapt-6' }));

  let dataset: Dataset;
  beforeAll(async () => {
    dataset = await importDataset(join(REAL_DATA_FOLDER, 'uci-hapt'));
  }, 60_000);

  it('has 61 experiments of 30 people, 1,122,772 samples, 1,214 segments of 815,614 samples in 12 activities', () => {
    expect(dataset.recordings).toHaveLength(61);
    expect(people(dataset).size).toBe(30);
    expect(sampleCount(dataset)).toBe(1_122_772);
    expect(segments(dataset)).toHaveLength(1_214);
    expect(total(segments(dataset).map(({ start, end }) => end - start))).toBe(815_614);
    expect(dataset.labels).toHaveLength(12);
    expect(samplesSha256(dataset)).toBe('42c58204afb2faa0f7d65e42a45006b669c07a7adbbf7b0b2a6d27de5c53879a');
  });

  it('gives 10,411 windows of the six activities, 7,415 of training and 2,996 of test people', async () => {
    const six = await importDataset(join(REAL_DATA_FOLDER, 'uci-hapt/hapt-raw.zip'), { kind: 'hapt-6' });
    expect(six.labels).toEqual(dataset.labels.slice(0, 6));
    expect(windowsByLabel(six)).toEqual([1722, 1544, 1407, 1801, 1979, 1958]);
    expect(total(windowsByLabel(six, six.officialSplit?.train))).toBe(7_415);
    expect(total(windowsByLabel(six, six.officialSplit?.test))).toBe(2_996);
    expect(six.contentHash).not.toBe(dataset.contentHash);
  }, 60_000);

  it('turns 1-based inclusive labels into 0-based half-open segments, and keeps acceleration before angular velocity', () => {
    const first = dataset.recordings.find(({ id }) => id === 'experiment-1');
    expect(first?.segments[0]).toEqual({ start: 249, end: 1232, label: 4 });
    expect([...(first?.samples.subarray(0, 6) ?? [])]).toEqual([
      ...Float32Array.of(
        0.9180555898766518,
        -0.1124999994242935,
        0.5097222514293852,
        -0.05497787147760391,
        -0.06963863968849182,
        -0.03084869496524334,
      ),
    ]);
  });

  it('is located, with the hash the import carries, without being read', async () => {
    const located = await locateDataset(REAL_DATA_FOLDER, { kind: 'hapt' });
    expect(located).toMatchObject({ kind: 'hapt', contentHash: dataset.contentHash });
    expect(located.place).toMatch(/hapt-raw\.zip!HAPT Data Set\/RawData$/);
  });
});

describe.skipIf(!HAS_REAL_DATA)(`WHARF${NO_REAL_DATA}`, () => {
  describeDataset('WHARF', () => importDataset(REAL_DATA_FOLDER, { kind: 'wharf' }));

  it('has 892 trials of 17 people, 452,270 rows in 14 activities, and not the cut copies', async () => {
    const dataset = await importDataset(join(REAL_DATA_FOLDER, 'wharf/wharf.zip'));
    expect(dataset.recordings).toHaveLength(892);
    expect(people(dataset).size).toBe(17);
    expect(sampleCount(dataset)).toBe(452_270);
    expect(dataset.recordings.filter(({ subject }) => subject === 'f1')).toHaveLength(347);
    const rows = Object.fromEntries(dataset.labels.map((label) => [label, 0]));
    for (const { start, end, label } of segments(dataset)) rows[dataset.labels[label] as string]! += end - start;
    expect(rows).toEqual({
      Brush_teeth: 29_829,
      Climb_stairs: 41_431,
      Comb_hair: 23_504,
      Descend_stairs: 16_320,
      Drink_glass: 44_891,
      Eat_meat: 31_236,
      Eat_soup: 6_681,
      Getup_bed: 45_801,
      Liedown_bed: 11_446,
      Pour_water: 41_673,
      Sitdown_chair: 25_750,
      Standup_chair: 26_229,
      Use_telephone: 15_225,
      Walk: 92_254,
    });
    expect(dataset.notes.map(({ code, count }) => [code, count])).toEqual([
      ['wharf-models-ignored', 161],
      ['wharf-unfinished-line', 111],
      ['wharf-same-content', 1],
    ]);
    expect(samplesSha256(dataset)).toBe('900f104ad10f4ab88507d8b3823a1430668b49ff676119383023651e3410f234');
    const codes = [32, 48, 41].map((code) => Math.fround(-1.5 + (3 * code) / 63));
    const walk = dataset.recordings.find(({ id }) => id === 'Accelerometer-2011-03-24-09-52-11-walk-f1');
    expect([...(walk?.samples.subarray(0, 3) ?? [])]).toEqual(codes);
  }, 60_000);
});

describe.skipIf(!HAS_REAL_DATA)(`a folder with several data sets${NO_REAL_DATA}`, () => {
  it('is refused with the list of them, unless a kind is named', async () => {
    await expect(importDataset(REAL_DATA_FOLDER)).rejects.toMatchObject({
      code: 'dataset-ambiguous',
      message: expect.stringMatching(/found 4: hapt in .*; uci-har in .*; wharf in .*; wisdm in /) as string,
    });
  });

  it('says what is missing of UCI HAR without signals, and of WISDM without its raw file', async () => {
    await expect(importDataset(REAL_DATA_FOLDER, { kind: 'uci-har' })).rejects.toMatchObject({
      code: 'uci-har-files-missing',
      message: expect.stringMatching(
        /18 of 22 files are missing: train\/Inertial Signals\/total_acc_x_train\.txt/,
      ) as string,
    });
    await expect(importDataset(join(REAL_DATA_FOLDER, 'wisdm-v1.1'))).rejects.toMatchObject({
      code: 'wisdm-raw-missing',
    });
  });
});
