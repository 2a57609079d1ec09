import { describe, expect, it } from 'vitest';
import { smallDataset } from '../testing/small-dataset.ts';
import { cutWindows } from './cut-windows.ts';

const segments = [
  { start: 10, end: 30, label: 1 },
  { start: 30, end: 45, label: 0 },
];

describe('cutWindows', () => {
  it('cuts windows every step from the start of each segment and crosses no border', () => {
    const windows = cutWindows(smallDataset([{ segments }, { segments: [{ start: 0, end: 8, label: 0 }] }]), {
      length: 8,
      step: 4,
    });
    expect([...windows.start]).toEqual([10, 14, 18, 22, 30, 34, 0]);
    expect([...windows.label]).toEqual([1, 1, 1, 1, 0, 0, 0]);
    expect([...windows.recording]).toEqual([0, 0, 0, 0, 0, 0, 1]);
    for (let w = 0; w < windows.start.length; w++) {
      const first = (windows.recording[w] as number) * 1000 + (windows.start[w] as number);
      const expected = Array.from({ length: 8 }, (_, t) => [first + t, -(first + t)]).flat();
      expect([...windows.samples.subarray(w * 16, (w + 1) * 16)]).toEqual(expected);
    }
  });

  it('orders people naturally and lists only those with windows, with a note for the others', () => {
    const segment = [{ start: 0, end: 20, label: 0 }];
    const windows = cutWindows(
      smallDataset([
        { subject: '10', segments: segment },
        { subject: '9', segments: segment },
        { subject: '11', segments: [] },
        { subject: '2', segments: [{ start: 0, end: 5, label: 0 }] },
      ]),
      { length: 10, step: 10 },
    );
    expect(windows.subjects).toEqual(['9', '10']);
    expect([...windows.subject]).toEqual([1, 1, 0, 0]);
    expect(windows.notes).toMatchObject([
      { code: 'segments-shorter-than-window', count: 1, examples: ['r3:0'] },
      { code: 'people-without-windows', count: 2, examples: ['2', '11'] },
    ]);
  });

  it('takes length and step in seconds', () => {
    const dataset = smallDataset([{ segments }]);
    const inSamples = cutWindows(dataset, { length: 8, step: 4 });
    const inSeconds = cutWindows(dataset, { lengthSeconds: 0.16, stepSeconds: 0.08 });
    expect(inSeconds).toEqual(inSamples);
  });

  it('keeps chosen labels only, renumbered in the order asked for', () => {
    const windows = cutWindows(smallDataset([{ segments }]), { length: 8, step: 4, labels: ['WALK'] });
    expect(windows.labels).toEqual(['WALK']);
    expect([...windows.label]).toEqual([0, 0, 0, 0]);
    expect(windows.key).not.toBe(cutWindows(smallDataset([{ segments }]), { length: 8, step: 4 }).key);
  });

  it.each([
    ['a NaN sample', { samples: Float32Array.of(0, 0, 0, NaN), segments: [] }, /r0 of small: sample 1 of accY is NaN/],
    ['a ragged shape', { samples: Float32Array.of(0, 0, 0), segments: [] }, /expected rows of 2 channels, got 3/],
    ['a segment past the end', { segments: [{ start: 90, end: 101, label: 0 }] }, /segment 90-101 does not lie inside/],
    ['an empty segment', { segments: [{ start: 9, end: 9, label: 0 }] }, /segment 9-9 does not lie inside/],
    ['an unknown label', { segments: [{ start: 0, end: 9, label: 2 }] }, /has label 2; expected 0 to 1/],
    [
      'overlapping segments',
      {
        segments: [
          { start: 5, end: 20, label: 0 },
          { start: 0, end: 6, label: 1 },
        ],
      },
      /segment 5-20 begins before the segment that ends at 6/,
    ],
  ])('refuses %s', (_, recording, message) => {
    expect(() => cutWindows(smallDataset([recording]), { length: 8, step: 4 })).toThrow(message);
  });

  it('refuses options that cannot be, duplicate recordings, and data without a single window', () => {
    const dataset = smallDataset([{ segments }]);
    expect(() => cutWindows(dataset, { length: 0, step: 4 })).toThrow(/window length must be a whole number/);
    expect(() => cutWindows(dataset, { length: 8, step: 1.5 })).toThrow(/window step .* got 1.5/);
    expect(() => cutWindows(dataset, { length: 8, step: 4, labels: ['RUN'] })).toThrow(/SIT, WALK\); got RUN/);
    expect(() => cutWindows(dataset, { length: 21, step: 4 })).toThrow(/no labelled segment .* 21 samples \(0.42 s/);
    expect(() => cutWindows(smallDataset([{ segments }, { segments, id: 'r0' }]), { length: 8, step: 4 })).toThrow(
      /r0 occurs twice/,
    );
  });
});
