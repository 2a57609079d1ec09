import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/window-features.json' with { type: 'json' };
import type { Channel } from '../recording.ts';
import { windowFeatures } from './window-features.ts';

const channels: readonly Channel[] = ['X', 'Y', 'Z'].flatMap((axis) => [
  { name: `acc${axis}`, quantity: 'acceleration', unit: 'g' } as const,
]);
const six: readonly Channel[] = [
  ...channels,
  ...['X', 'Y', 'Z'].map((axis) => ({ name: `gyro${axis}`, quantity: 'angular-velocity', unit: 'rad/s' }) as const),
];

describe('windowFeatures', () => {
  it.each(fixture)('equal those of numpy and scipy for $length samples at $sampleRateHz Hz', (expected) => {
    const { values, names } = windowFeatures({
      ...expected,
      channels: six,
      samples: Float32Array.from(expected.samples),
    });
    expect(names).toHaveLength(134);
    expect(values).toHaveLength(expected.features.length * names.length);
    expected.features.flat().forEach((value, i) => {
      const name = `${names[i % names.length]} of window ${Math.floor(i / names.length)}`;
      expect(Math.abs((values[i] as number) - value), name).toBeLessThan(1e-8 * Math.max(1, Math.abs(value)));
    });
  });

  it('have 64 + 3 names for three axes of acceleration, each once, and none needs a triad', () => {
    const samples = new Float32Array(3 * 20);
    const { names } = windowFeatures({ samples, length: 20, channels, sampleRateHz: 32 });
    expect(names).toHaveLength(67);
    expect(new Set(names).size).toBe(67);
    const two = windowFeatures({ samples, length: 30, channels: channels.slice(1), sampleRateHz: 32 });
    expect(two.names).toHaveLength(32);
    expect(two.values.every(Number.isFinite)).toBe(true);
  });

  it('stay finite for windows of one sample', () => {
    const { values } = windowFeatures({ samples: Float32Array.of(1, 2, 3), length: 1, channels, sampleRateHz: 50 });
    expect(values.every(Number.isFinite)).toBe(true);
  });
});
