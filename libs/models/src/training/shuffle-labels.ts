/**
 * Permuted labels, for a control that must not learn.
 *
 * Both parts are permuted, each by itself: validated against true labels, a model that saw nonsense still scores far from chance
 * by luck, because windows of one activity look alike and are guessed alike (watch data: single trials from 5 to 30 %
 * where the majority class is 16.7 %). Against permuted labels only the share of each guess counts, and whatever still
 * scores better has reached the labels by another way than the windows.
 */
import { createRng, permutation } from '@kinetune/study';

/** The same labels, each on another example; `part` keeps the permutations of two parts independent. */
export function shuffleLabels(labels: Int32Array, seed: number, part: string): Int32Array {
  const order = permutation(labels.length, createRng(seed, 'shuffle labels', part));
  return order.map((index) => labels[index] as number);
}
