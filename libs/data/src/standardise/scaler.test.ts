import { describe, expect, it } from 'vitest';
import { smallDataset } from '../testing/small-dataset.ts';
import { cutWindows } from '../windows/cut-windows.ts';
import { fitScaler, standardise } from './scaler.ts';

const segments = [{ start: 0, end: 4, label: 0 }];
/** Person 1 holds accX 1 3 5 7, accY constant 0.1; person 2 something far away. */
const dataset = smallDataset([
  { samples: Float32Array.of(1, 0.1, 3, 0.1, 5, 0.1, 7, 0.1), segments },
  { samples: new Float32Array(8).fill(1e6), segments },
]);
const windows = cutWindows(dataset, { length: 2, step: 2 });

describe('fitScaler', () => {
  it('uses the given windows alone and records whose they were', () => {
    const scaler = fitScaler(windows, Int32Array.of(0, 1));
    expect(scaler.mean[0]).toBe(4);
    expect(scaler.standardDeviation[0]).toBeCloseTo(Math.sqrt(5), 12);
    expect(scaler.fittedOn).toEqual(['1']);
    expect(scaler.windowCount).toBe(2);
    expect(scaler.channels).toEqual(['accX', 'accY']);
    expect(fitScaler(windows, Int32Array.of(0, 1, 2)).hash).not.toBe(scaler.hash);
  });

  it('gives a constant channel a standard deviation of 1, so that it becomes 0 and never NaN', () => {
    const scaler = fitScaler(windows, Int32Array.of(0, 1));
    expect(scaler.standardDeviation[1]).toBe(1);
    const z = standardise(windows.samples.subarray(0, 8), scaler);
    expect([...z].filter((_, i) => i % 2 === 1).every((value) => Math.abs(value) < 1e-7)).toBe(true);
  });

  it('keeps the digits of a small movement on a large offset', () => {
    const offset = 4096;
    const samples = Float32Array.from({ length: 4000 }, (_, i) => offset + (i % 2 === 0 ? 0.25 : -0.25));
    const one = { ...windows, samples, length: 2000, subject: Int32Array.of(0) };
    expect(fitScaler(one, Int32Array.of(0)).standardDeviation).toEqual([1, 1]);
    const mixed = samples.map((_, i) => offset + (Math.floor(i / 2) % 2 === 0 ? 0.25 : -0.25));
    expect(fitScaler({ ...one, samples: mixed }, Int32Array.of(0)).standardDeviation).toEqual([0.25, 0.25]);
  });

  it('refuses to be fitted on nothing', () => {
    expect(() => fitScaler(windows, new Int32Array(0))).toThrow(/at least one window/);
  });
});

describe('standardise', () => {
  it('gives mean 0 and standard deviation 1 on what it was fitted on', () => {
    const z = standardise(windows.samples.subarray(0, 8), fitScaler(windows, Int32Array.of(0, 1)));
    const x = [...z].filter((_, i) => i % 2 === 0);
    expect(x.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 6);
    expect(x.reduce((sum, value) => sum + value * value, 0) / 4).toBeCloseTo(1, 6);
  });

  it('refuses samples with other channels', () => {
    expect(() => standardise(new Float32Array(7), { mean: [0, 0], standardDeviation: [1, 1] })).toThrow(
      /rows of 2 channels/,
    );
  });
});
