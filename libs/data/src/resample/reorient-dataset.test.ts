import { describe, expect, it } from 'vitest';
import type { Channel } from '../recording.ts';
import { smallDataset } from '../testing/small-dataset.ts';
import { reorientDataset } from './reorient-dataset.ts';

const channels: readonly Channel[] = [
  ...['X', 'Y', 'Z'].map((axis) => ({ name: `acc${axis}`, quantity: 'acceleration', unit: 'g' }) as const),
  ...['X', 'Y', 'Z'].map((axis) => ({ name: `gyro${axis}`, quantity: 'angular-velocity', unit: 'rad/s' }) as const),
];
const dataset = smallDataset([{ samples: Float32Array.of(1, 2, 3, 4, 5, 6), segments: [] }], { channels });
const samplesOf = (made: typeof dataset) => [...(made.recordings[0]?.samples ?? [])];

describe('reorientDataset', () => {
  it('turns acceleration and angular velocity together', () => {
    const turned = reorientDataset(dataset, { axes: ['-y', 'x', 'z'] });
    expect(samplesOf(turned)).toEqual([-2, 1, 3, -5, 4, 6]);
    expect(turned.contentHash).not.toBe(dataset.contentHash);
    expect(samplesOf(dataset)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('flips one quantity alone where its sign convention differs', () => {
    const flipped = reorientDataset(dataset, { axes: ['-x', '-y', '-z'], quantity: 'acceleration' });
    expect(samplesOf(flipped)).toEqual([-1, -2, -3, 4, 5, 6]);
  });

  it('refuses mirror images of both, axes named twice, and quantities that are not there', () => {
    expect(() => reorientDataset(dataset, { axes: ['y', 'x', 'z'] })).toThrow(/mirror image/);
    expect(() => reorientDataset(dataset, { axes: ['-x', '-y', '-z'] })).toThrow(/mirror image/);
    expect(() => reorientDataset(dataset, { axes: ['x', '-x', 'z'] })).toThrow(/each of x, y, z once/);
    const accOnly = smallDataset([{ samples: Float32Array.of(1, 2, 3), segments: [] }], {
      channels: channels.slice(0, 3),
    });
    expect(samplesOf(reorientDataset(accOnly, { axes: ['y', 'z', 'x'] }))).toEqual([2, 3, 1]);
    expect(() => reorientDataset(accOnly, { axes: ['x', 'y', 'z'], quantity: 'angular-velocity' })).toThrow(
      /three channels of angular-velocity in small, got 0/,
    );
  });
});
