import { expect, it } from 'vitest';
import { createModel } from '../create-model.ts';
import { describeModel } from '../testing/describe-model.ts';
import { weightTotal } from '../testing/weight-total.ts';

describeModel('vit1d');

it("has the original study's 10,257,206 weights at its best configuration", () => {
  const values = { patchSize: 8, embeddingSize: 256, blockCount: 6, headCount: 10, mlpSize: 2048 };
  const model = createModel('vit1d', values, { windowLength: 80, channelCount: 3, classCount: 6 });
  expect(weightTotal(model)).toBe(10_257_206);
});

it('refuses a patch that does not divide the window, naming those that do', () => {
  const shape = { windowLength: 128, channelCount: 6, classCount: 6 };
  expect(() => createModel('vit1d', { patchSize: 5 }, shape)).toThrow(
    'patchSize must divide the window length of 128 samples, got 5; divisors are 1, 2, 4, 8, 16, 32, 64, 128',
  );
});
