import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainStyles } from '../terminal/styles.ts';
import { inspectDataset } from './inspect-dataset.ts';
import { renderInspection } from './render-inspection.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinetune-inspect-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('an inspection', () => {
  it('shows a recording of one person, read as asked, and says why there is no split', async () => {
    const path = join(folder, 'mine.csv');
    const rows = Array.from({ length: 100 }, (_, n) => `${n * 20},0,0,9.80665,walk\n`);
    await writeFile(path, `ms,ax,ay,az,what\n${rows.join('')}`);
    const window = { length: 20, step: 20 };
    const csv = { time: 'ms', timeUnit: 'ms', label: 'what', accelerationUnit: 'm/s2' } as const;
    const inspection = await inspectDataset(path, { kind: undefined, csv, window, split: undefined });
    expect(inspection).toMatchObject({
      sampleRateHz: 50,
      people: [{ name: 'mine', windows: 5 }],
      split: null,
      splitProblem: '3 folds need at least 3 people; mine.csv has 1',
    });
    const text = renderInspection(inspection, { width: 100, styles: plainStyles }).join('\n');
    expect(text).toContain('People, no split\n  mine; 3 folds need at least 3 people; mine.csv has 1');
    expect(text).not.toContain('cite:');
  });

  it('refuses a split that was asked for and cannot be made', async () => {
    const path = join(folder, 'two.csv');
    await writeFile(path, `time,x,label\n${Array.from({ length: 50 }, (_, n) => `${n / 50},1,a\n`).join('')}`);
    const options = { kind: undefined, window: { length: 10, step: 10 } };
    await expect(
      inspectDataset(path, { ...options, split: { kind: 'group-k-fold', folds: 3, fold: 0, seed: 0 } }),
    ).rejects.toThrow('3 folds need at least 3 people');
  });
});
