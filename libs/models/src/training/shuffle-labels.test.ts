import { expect, it } from 'vitest';
import { shuffleLabels } from './shuffle-labels.ts';

// Three classes of 100, 200 and 300 examples, one after the other.
const labels = Int32Array.from([0, 1, 2].flatMap((label) => Array.from({ length: 100 * (label + 1) }, () => label)));

it('keeps how often each label occurs', () => {
  expect([...shuffleLabels(labels, 1, 'train')].sort()).toEqual([...labels].sort());
});

it('leaves no relation between the old label of an example and its new one', () => {
  const kept = shuffleLabels(labels, 2, 'train').filter((label, i) => label === labels[i]).length / labels.length;
  // By chance 1/36 + 4/36 + 9/36 = 0.389 stay, with a standard deviation of 0.018.
  expect(Math.abs(kept - 14 / 36)).toBeLessThan(0.09);
});

it('depends on its seed and part alone', () => {
  expect(shuffleLabels(labels, 3, 'train')).toEqual(shuffleLabels(labels, 3, 'train'));
  expect(shuffleLabels(labels, 3, 'train')).not.toEqual(shuffleLabels(labels, 4, 'train'));
  expect(shuffleLabels(labels, 3, 'train')).not.toEqual(shuffleLabels(labels, 3, 'validation'));
});
