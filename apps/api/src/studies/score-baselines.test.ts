import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSplit, cutWindows, generateDataset, runBaselines, writeWindows } from '@kinetune/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scoreBaselines, type BaselinesRequest } from './score-baselines.ts';

describe('baselines on a thread', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kinetune-baselines-'));
  const windows = cutWindows(generateDataset({ people: 6, minutesPerPerson: 3 }), { length: 128, step: 128 });
  const split = createSplit(windows, { kind: 'group-k-fold', folds: 3, fold: 0, seed: 0 });
  const windowsFile = join(folder, 'a.windows');
  const request: BaselinesRequest = { windowsFile, split };
  beforeAll(() => writeWindows(windowsFile, windows));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are those that the process itself would score, and it hears its timers meanwhile', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const scores = await scoreBaselines(request, new AbortController().signal);
    clearInterval(timer);
    const own = Object.values(runBaselines(windows, split));
    expect(scores).toEqual(own.map(({ name, accuracy, macroF1 }) => ({ name, accuracy, macroF1 })));
    expect(ticks).toBeGreaterThan(10);
  });

  it('end when they are asked to, and say what they could not read', async () => {
    const stop = new AbortController();
    const scores = scoreBaselines(request, stop.signal);
    stop.abort();
    await expect(scores).rejects.toMatchObject({ code: 'stopped' });
    const missing = { windowsFile: join(folder, 'none.windows'), split };
    await expect(scoreBaselines(missing, new AbortController().signal)).rejects.toThrow('none.windows');
  });
});
