import type { Channel, Dataset, Recording, Segment } from '../recording.ts';

const CHANNELS: readonly Channel[] = [
  { name: 'accX', quantity: 'acceleration', unit: 'g' },
  { name: 'accY', quantity: 'acceleration', unit: 'g' },
];

/** A data set of two channels for tests; sample n of recording r is [1000 r + n, -(1000 r + n)] unless given. */
export function smallDataset(recordings: readonly Partial<Recording>[], fields: Partial<Dataset> = {}): Dataset {
  return {
    kind: 'csv',
    name: 'small',
    isSynthetic: false,
    sampleRateHz: 50,
    channels: CHANNELS,
    labels: ['SIT', 'WALK'],
    recordings: recordings.map((recording, r) => ({
      id: `r${r}`,
      subject: `${r + 1}`,
      samples: ramp(100, 1000 * r),
      segments: [],
      facts: {},
      ...recording,
    })),
    officialSplit: undefined,
    notes: [],
    contentHash: 'c0ffee',
    citation: 'nobody',
    ...fields,
  };
}

/** [count, 2] samples that tell where they come from. */
export function ramp(count: number, from = 0): Float32Array {
  return Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? 1 : -1) * (from + Math.floor(i / 2)));
}

/** People '1' to `count`, one recording each, whose two classes have `lengths` samples. */
export function smallPeople(count: number, lengths: readonly [number, number] = [40, 60]): Dataset {
  const segments: Segment[] = [
    { start: 0, end: lengths[0], label: 0 },
    { start: lengths[0], end: lengths[0] + lengths[1], label: 1 },
  ].filter((segment) => segment.end > segment.start);
  return smallDataset(
    Array.from({ length: count }, (_, r) => ({ samples: ramp(lengths[0] + lengths[1], 1000 * r), segments })),
  );
}
