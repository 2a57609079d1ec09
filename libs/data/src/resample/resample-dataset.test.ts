import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/resample.json' with { type: 'json' };
import { smallDataset } from '../testing/small-dataset.ts';
import { INTERPOLATIONS, interpolate } from './interpolate.ts';
import { lowPass } from './low-pass.ts';
import { resampleDataset } from './resample-dataset.ts';

describe('interpolate', () => {
  it.each(INTERPOLATIONS)('%s equals numpy and scipy', (method) => {
    const at = interpolate(Float64Array.from(fixture.signal), method);
    fixture.positions.forEach((position, i) => expect(at(position)).toBeCloseTo(fixture[method][i] as number, 10));
  });

  it.each(INTERPOLATIONS)('%s keeps signals of one and two samples', (method) => {
    expect(interpolate(Float64Array.of(7), method)(0)).toBe(7);
    expect(interpolate(Float64Array.of(1, 3), method)(0.25)).toBeCloseTo(1.5, 12);
  });
});

describe('lowPass', () => {
  it('equals a filter by scipy, away from the ends', () => {
    const filtered = lowPass(Float64Array.from(fixture.noise), fixture.ratio);
    fixture.filtered.forEach((value, i) => expect(filtered[i + fixture.half]).toBeCloseTo(value, 10));
  });

  it('keeps a constant to its ends', () => {
    for (const value of lowPass(new Float64Array(50).fill(3), 0.3)) expect(value).toBeCloseTo(3, 12);
  });
});

/** accX is a sine of `hz`, accY is constant; 20 s at 100 Hz. */
const sine = (hz: number) =>
  Float32Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? Math.sin((2 * Math.PI * hz * (i >> 1)) / 100) : 1));
const at100 = (hz: number) => smallDataset([{ samples: sine(hz), segments: [] }], { sampleRateHz: 100 });
/** Largest |value - expected| of accX, away from the first and last second. */
const errorOf = (samples: Float32Array, rate: number, expected: (seconds: number) => number) => {
  let worst = 0;
  for (let i = rate; i < samples.length / 2 - rate; i++) {
    worst = Math.max(worst, Math.abs((samples[2 * i] as number) - expected(i / rate)));
  }
  return worst;
};

describe('resampleDataset', () => {
  it.each([20, 32, 50])('down to %i Hz keeps a movement of 3 Hz and removes what would fold back', (rate) => {
    const kept = resampleDataset(at100(3), rate).recordings[0]?.samples as Float32Array;
    expect(errorOf(kept, rate, (seconds) => Math.sin(2 * Math.PI * 3 * seconds))).toBeLessThan(0.002);
    // Without the filter, 0.8 of the new rate would come back at 0.2 of it in full strength.
    const folded = resampleDataset(at100(0.8 * rate), rate).recordings[0]?.samples as Float32Array;
    expect(errorOf(folded, rate, () => 0)).toBeLessThan(0.002);
  });

  it('up to 128 Hz keeps a movement of 10 Hz; the spline is 10 times closer than lines', () => {
    const expected = (seconds: number) => Math.sin(2 * Math.PI * 10 * seconds);
    const cubic = resampleDataset(at100(10), 128).recordings[0]?.samples as Float32Array;
    const linear = resampleDataset(at100(10), 128, { method: 'linear' }).recordings[0]?.samples as Float32Array;
    expect(errorOf(cubic, 128, expected)).toBeLessThan(0.004);
    expect(errorOf(linear, 128, expected)).toBeGreaterThan(10 * errorOf(cubic, 128, expected));
  });

  it('keeps the time of labels, apart and in order, and says what became shorter than a sample', () => {
    const segments = [
      { start: 0, end: 33, label: 0 },
      { start: 33, end: 34, label: 1 },
      { start: 34, end: 100, label: 0 },
    ];
    const dataset = smallDataset([{ segments }], { sampleRateHz: 50 });
    const down = resampleDataset(dataset, 20);
    // Sample 33 is at 0.66 s; the first sample of 20 Hz from there on is number 14 (0.70 s), after 0.68 s.
    expect(down.recordings[0]?.segments).toEqual([
      { start: 0, end: 14, label: 0 },
      { start: 14, end: 40, label: 0 },
    ]);
    expect(down.notes).toMatchObject([{ code: 'segments-lost-in-resampling', count: 1, examples: ['r0:33'] }]);
    expect(down.recordings[0]?.samples).toHaveLength(2 * 40);
    expect(down.sampleRateHz).toBe(20);
    expect(down.contentHash).not.toBe(dataset.contentHash);
    const back = resampleDataset(dataset, 100).recordings[0]?.segments;
    expect(back?.map(({ start, end }) => [start, end])).toEqual([
      [0, 66],
      [66, 68],
      [68, 199],
    ]);
  });

  it('is the data set itself at its own rate, and refuses a rate that is none', () => {
    const dataset = at100(1);
    expect(resampleDataset(dataset, 100)).toBe(dataset);
    for (const rate of [0, -1, NaN, Infinity]) expect(() => resampleDataset(dataset, rate)).toThrow(/above 0 Hz/);
  });
});
