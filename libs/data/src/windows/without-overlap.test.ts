import { expect, it } from 'vitest';
import { smallDataset } from '../testing/small-dataset.ts';
import { cutWindows } from './cut-windows.ts';
import { withoutOverlap } from './without-overlap.ts';

it('keeps the first window and every next one that shares no sample with a kept one of its recording', () => {
  const segments = [{ start: 0, end: 30, label: 0 }];
  const windows = cutWindows(smallDataset([{ segments }, { segments }]), { length: 10, step: 4 });
  const kept = withoutOverlap(windows, Int32Array.from(windows.start.keys()));
  expect([...kept].map((w) => [windows.recording[w], windows.start[w]])).toEqual([
    [0, 0],
    [0, 12],
    [1, 0],
    [1, 12],
  ]);
});
