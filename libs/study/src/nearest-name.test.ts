import { expect, it } from 'vitest';
import { didYouMean, nearestName } from './nearest-name.ts';

const names = ['learningRate', 'weightDecay', 'dropout'];

it('finds the name with the fewest edits, whatever the case', () => {
  expect(nearestName('learningrate', names)).toBe('learningRate');
  expect(nearestName('droput', names)).toBe('dropout');
  expect(didYouMean('weight_decay', names)).toBe(' Did you mean weightDecay?');
});

it('suggests nothing where nothing is near', () => {
  expect(nearestName('patchSize', names)).toBeUndefined();
  expect(didYouMean('patchSize', names)).toBe('');
});
