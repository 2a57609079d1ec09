import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../recording.ts';

/** What every data set keeps, whoever made it: a new importer joins by one call. `make` must give a fresh import each time. */
export function describeDataset(name: string, make: () => Promise<Dataset>): void {
  describe(`${name}, as a data set`, () => {
    let dataset: Dataset;
    let again: Dataset;
    beforeAll(async () => {
      dataset = await make();
      again = await make();
    }, 60_000);

    it('has recordings of whole, finite samples under ids of their own', () => {
      expect(dataset.recordings.length).toBeGreaterThan(0);
      expect(new Set(dataset.recordings.map(({ id }) => id)).size).toBe(dataset.recordings.length);
      for (const { id, samples, subject } of dataset.recordings) {
        expect(subject).not.toBe('');
        if (samples.length === 0 || samples.length % dataset.channels.length !== 0)
          expect.fail(`${id}: ${samples.length} numbers`);
        const bad = samples.findIndex((value) => !Number.isFinite(value));
        if (bad >= 0) expect.fail(`${id}: ${samples[bad]} at ${bad}`);
      }
    });

    it('has segments in order, apart, inside their recordings, with known labels', () => {
      for (const { id, samples, segments } of dataset.recordings) {
        let end = 0;
        for (const segment of segments) {
          const isFine =
            segment.start >= end && segment.end > segment.start && dataset.labels[segment.label] !== undefined;
          if (!isFine) expect.fail(`${id}: segment ${JSON.stringify(segment)} after ${end}`);
          end = segment.end;
        }
        expect(end * dataset.channels.length).toBeLessThanOrEqual(samples.length);
      }
    });

    it('names its channels, units and labels once each', () => {
      const names = dataset.channels.map((channel) => channel.name);
      expect(new Set(names).size).toBe(names.length);
      expect(new Set(dataset.labels).size).toBe(dataset.labels.length);
      for (const { quantity, unit } of dataset.channels) {
        expect(unit).toBe({ acceleration: 'g', 'angular-velocity': 'rad/s', other: 'other' }[quantity]);
      }
      expect(dataset.sampleRateHz).toBeGreaterThan(0);
    });

    it('has an official split of people apart, if any', () => {
      const { train = [], test = [] } = dataset.officialSplit ?? {};
      expect(train.filter((person) => test.includes(person))).toEqual([]);
    });

    it('is the same again when imported again', () => {
      expect(again.contentHash).toBe(dataset.contentHash);
      expect(again.recordings.map(({ id }) => id)).toEqual(dataset.recordings.map(({ id }) => id));
      expect(
        again.recordings.every(
          ({ samples }, index) => Buffer.compare(bytes(samples), bytes(dataset.recordings[index]?.samples)) === 0,
        ),
      ).toBe(true);
    });
  });
}

function bytes(samples: Float32Array | undefined): Uint8Array {
  return samples === undefined
    ? new Uint8Array()
    : new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}
