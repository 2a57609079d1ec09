import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Split } from '@kinetune/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWindowsReader, loadTrialData } from './load-trial-data.ts';
import { type ExampleFiles, exampleWindows, writeExampleFiles } from './testing/example-files.ts';

let folder: string;
let files: ExampleFiles;
let split: Split;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trial-data-'));
  files = await writeExampleFiles(folder);
  split = JSON.parse(readFileSync(files.splitFile, 'utf8')) as Split;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Mean and standard deviation of channel `c` of [W, T, 3]. */
function moments(samples: Float32Array, c: number): readonly [number, number] {
  const values = samples.filter((_, i) => i % 3 === c);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)];
}

describe('loadTrialData', () => {
  it('gives training and validation people, and nobody of the test people', async () => {
    const data = await loadTrialData(files, createWindowsReader());
    const names = (part: Int32Array) => [...new Set(part)].map((subject) => data.subjectNames[subject]);
    expect(names(data.train.subjects)).toEqual(split.train);
    expect(names(data.validation.subjects)).toEqual(split.validation);
    const windows = exampleWindows();
    const first = windows.subjects.indexOf(split.validation[0] as string);
    expect(data.validation.labels[0]).toBe(windows.label[windows.subject.indexOf(first)]);
    expect(data.input.source).toMatchObject({
      dataset: 'example',
      isSynthetic: true,
      splitHash: split.hash,
      isLeaking: false,
    });
  });

  it('standardises by the training people alone', async () => {
    const data = await loadTrialData(files, createWindowsReader());
    for (const c of [0, 1, 2]) {
      const [mean, standardDeviation] = moments(data.train.samples, c);
      expect(mean).toBeCloseTo(0, 4);
      expect(standardDeviation).toBeCloseTo(1, 4);
      // Other people have other amplitudes, which stay.
      expect(Math.abs(moments(data.validation.samples, c)[1] - 1)).toBeGreaterThan(0.005);
    }
    // Samples are raw = z * standardDeviation + mean.
    const windows = exampleWindows();
    const row = windows.subject.indexOf(windows.subjects.indexOf(split.validation[0] as string));
    const { mean, standardDeviation } = data.input.scaler;
    const raw = (data.validation.samples[0] as number) * (standardDeviation[0] as number) + (mean[0] as number);
    expect(raw).toBeCloseTo(windows.samples[row * windows.length * 3] as number, 5);
  });

  it('reads a windows file once for trials in a row, and again when it has changed', async () => {
    const reader = createWindowsReader();
    const windows = await reader.read(files.windowsFile);
    expect(await reader.read(files.windowsFile)).toBe(windows);
    const own = await writeExampleFiles(mkdtempSync(join(folder, 'changed-')));
    await reader.read(own.windowsFile);
    truncateSync(own.windowsFile, 100);
    await expect(reader.read(own.windowsFile)).rejects.toThrow(own.windowsFile);
  });
});
