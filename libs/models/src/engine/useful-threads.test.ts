import { expect, it } from 'vitest';
import { findFamily } from '../catalogue/model-families.ts';
import { usefulThreads } from './useful-threads.ts';

it('keeps a small vision transformer on one thread and gives a larger one all', () => {
  const shape = { windowLength: 128, channelCount: 6, classCount: 6 };
  const { floatingPointOperationsPerWindow } = findFamily('vit1d');
  const threadsOf = (values: Readonly<Record<string, number>>): number =>
    usefulThreads(3 * 128 * floatingPointOperationsPerWindow(values, shape), 2);
  expect(threadsOf({ embeddingSize: 32, blockCount: 2, headCount: 2, headSize: 16, mlpSize: 64 })).toBe(1);
  expect(threadsOf({ embeddingSize: 64, blockCount: 3, headCount: 4, headSize: 64, mlpSize: 128 })).toBe(2);
});
