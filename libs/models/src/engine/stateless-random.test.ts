import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../native/load-tensorflow.ts';
import { handleCount } from '../testing/describe-engine.ts';
import { drawKeepMask, drawStateless } from './stateless-random.ts';

loadTensorFlow();

const key = (seed: number, place: number) => ({ stepSeed: tf.scalar(seed, 'int32'), place });
const size = 200_001;

describe('draws', () => {
  it('are a function of step seed and place', () => {
    tf.tidy(() => {
      const draw = (seed: number, place: number): string =>
        drawStateless('StatelessRandomUniformV2', [8], key(seed, place)).dataSync().join();
      expect(draw(1, 0)).toBe(draw(1, 0));
      expect(new Set([draw(1, 0), draw(1, 1), draw(2, 0), draw(0, 1), draw(-1, 0)]).size).toBe(5);
    });
  });

  // Five standard errors: a false alarm in 2 million seeds, and the seed is fixed.
  it('have the moments of their distributions', () => {
    tf.tidy(() => {
      const moments = (tensor: tf.Tensor): [number, number] => {
        const values = Array.from(tensor.dataSync() as Float32Array);
        const mean = values.reduce((sum, value) => sum + value, 0) / size;
        return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size];
      };
      const [uniformMean, uniformVariance] = moments(drawStateless('StatelessRandomUniformV2', [size], key(3, 0)));
      expect(Math.abs(uniformMean - 1 / 2)).toBeLessThan(5 * Math.sqrt(1 / 12 / size));
      expect(Math.abs(uniformVariance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / size));
      const [mean, variance] = moments(drawStateless('StatelessRandomNormalV2', [size], key(3, 1)));
      expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(size));
      expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / size));
    });
  });
});

describe('a mask', () => {
  it.each([0.5, 0.1, 0.001, 0.999])('keeps units with probability 1 - %f, neighbours apart from each other', (rate) => {
    tf.tidy(() => {
      const { mask, keepProbability } = drawKeepMask([size], rate, key(5, 2));
      expect(Math.abs(keepProbability - (1 - rate))).toBeLessThanOrEqual(0.5 / 65_536);
      const kept = Array.from(mask.dataSync() as Uint8Array);
      const share = kept.reduce((sum, value) => sum + value, 0) / size;
      expect(Math.abs(share - keepProbability)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / size));
      const centred = kept.map((value) => value - keepProbability);
      // The two halves of one draw are neighbours: their correlation must be that of chance.
      const covariance = centred.reduce((sum, value, i) => sum + value * (centred[i + 1] ?? 0), 0) / size;
      expect(Math.abs(covariance)).toBeLessThan((5 * rate * (1 - rate)) / Math.sqrt(size));
    });
  });

  it('has any shape, of even and odd size, and leaves nothing behind', () => {
    const before = [tf.memory().numTensors, handleCount()];
    tf.tidy(() => {
      expect(drawKeepMask([3, 5, 7], 0.3, key(1, 0)).mask.shape).toEqual([3, 5, 7]);
      expect(drawKeepMask([1], 0.3, key(1, 0)).mask.shape).toEqual([1]);
      expect(drawKeepMask([4, 2], 0.3, key(1, 0)).mask.dtype).toBe('bool');
    });
    expect([tf.memory().numTensors, handleCount()]).toEqual(before);
  });
});
