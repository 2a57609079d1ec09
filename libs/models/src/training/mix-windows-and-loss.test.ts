import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { crossEntropy } from '../engine/index.ts';
import type { RandomSource } from '../model.ts';
import { loadTensorFlow } from '../native/index.ts';
import { mixWindowsAndLoss } from './mix-windows-and-loss.ts';

loadTensorFlow();

const lossOptions = { labelSmoothing: 0.1, classWeights: [1, 2] };
/** Every draw is 0.25, so every row keeps the same share of itself. */
const random = { uniform: (shape: readonly number[]) => tf.fill([...shape], 0.25) } as RandomSource;

it('blends the loss of a row with its partner as it blends their windows', () => {
  tf.tidy(() => {
    const windows = tf.tensor3d([[[1]], [[3]]]);
    const logits = tf.tensor2d([2, -1, 0.5, 0.25], [2, 2]);
    const labels = tf.tensor1d([0, 1], 'int32');
    const { augment, loss } = mixWindowsAndLoss(1, { augmentation: undefined, lossOptions });
    const [first, second] = augment(windows, random).dataSync() as unknown as [number, number];
    const share = (3 - first) / 2; // first = share * 1 + (1 - share) * 3
    expect(share).toBeCloseTo(0.25, 6); // Beta(1, 1) is uniform
    expect(second).toBeCloseTo(3 * share + 1 * (1 - share), 6);

    const own = crossEntropy(logits, labels, lossOptions);
    const other = crossEntropy(logits, tf.tensor1d([1, 0], 'int32'), lossOptions);
    const mixed = loss(logits, labels);
    for (const part of ['losses', 'weights'] as const) {
      const values = (rows: typeof own) => [...(rows[part] as tf.Tensor).dataSync()];
      values(mixed).forEach((value, i) => {
        expect(value).toBeCloseTo(share * (values(own)[i] as number) + (1 - share) * (values(other)[i] as number), 5);
      });
    }
    // In evaluation nothing was blended before.
    expect([...loss(logits, labels).losses.dataSync()]).toEqual([...own.losses.dataSync()]);
  });
});
