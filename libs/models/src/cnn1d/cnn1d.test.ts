import { expect, it } from 'vitest';
import { ORIGINAL_CNN_LAYERS } from '../catalogue/cnn1d.ts';
import { createModel } from '../create-model.ts';
import { describeModel } from '../testing/describe-model.ts';
import { weightTotal } from '../testing/weight-total.ts';

describeModel('cnn1d');

const shape = { windowLength: 80, channelCount: 3, classCount: 6 };

it("has the original baseline's 346,566 weights", () => {
  const values = { layers: ORIGINAL_CNN_LAYERS, padding: 'valid' };
  expect(weightTotal(createModel('cnn1d', values, shape))).toBe(346_566);
});

it('refuses kernels that without padding need more samples than the window has', () => {
  const values = { layers: ORIGINAL_CNN_LAYERS, padding: 'valid' };
  expect(() => createModel('cnn1d', values, { ...shape, windowLength: 32 })).toThrow(
    'need a window of at least 33 samples, got 32',
  );
  expect(() => createModel('cnn1d', values, { ...shape, windowLength: 33 })).not.toThrow();
});

it('refuses a list of layers it cannot read', () => {
  for (const layers of ['64', '64x0', '64x5,', 'x5', '64x5;64x5', '-64x5']) {
    expect(() => createModel('cnn1d', { layers }, shape)).toThrow(/layers must be text like "160x12,/);
  }
});
