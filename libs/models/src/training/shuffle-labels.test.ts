import { expect, it } from 'vitest';
import { shuffleLabels } from './shuffle-labels.ts';

// Three classes of 100, 200 and 300 examples in five recordings each, one after the other.
const labels = Int32Array.from([0, 1, 2].flatMap((label) => Array.from({ length: 100 * (label + 1) }, () => label)));

const shareOf = (label: number, part: Int32Array): number =>
  part.reduce((sum, one) => sum + (one === label ? 1 : 0), 0) / part.length;

it('keeps how often each label occurs', () => {
  expect([...shuffleLabels(labels, 1)].sort()).toEqual([...labels].sort());
});

it('gives every stretch of a class every label in its share of the whole, so that no class has a favourite', () => {
  const shuffled = shuffleLabels(labels, 2);
  for (let start = 0; start < labels.length; start += 20) {
    const stretch = shuffled.subarray(start, start + 20);
    for (const label of [0, 1, 2]) expect(Math.abs(shareOf(label, stretch) - (label + 1) / 6)).toBeLessThanOrEqual(0.1);
  }
});

it('depends on its seed alone', () => {
  expect(shuffleLabels(labels, 3)).toEqual(shuffleLabels(labels, 3));
  expect(shuffleLabels(labels, 3)).not.toEqual(shuffleLabels(labels, 4));
});
