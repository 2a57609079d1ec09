/**
 * Permuted training labels, for a control that must not learn.
 *
 * A plain permutation is not yet a control: windows of one activity look alike, there are few activities, and by chance some
 * label is the most frequent one among the windows of each. A model finds that, and guesses its way 15 points above or below
 * the majority class. So the labels are dealt: going through the examples class by class, in their order (hence recording by
 * recording), every stretch gets every label in about its share of the whole.
 */
import { createRng } from '@kinetune/study';

/** The same labels on other examples: what a model then learns does not generalise, and a score above chance is a leak. */
export function shuffleLabels(labels: Int32Array, seed: number): Int32Array {
  const rng = createRng(seed, 'shuffle labels');
  const examples = Int32Array.from(labels.keys()).sort(
    (a, b) => (labels[a] as number) - (labels[b] as number) || a - b,
  );
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  // The j-th of a label's n copies lies somewhere in the j-th of n equal parts: evenly spread, and still by chance.
  const dealt = [...counts]
    .sort(([a], [b]) => a - b)
    .flatMap(([label, count]) => Array.from({ length: count }, (_, j) => ({ label, place: (j + rng.next()) / count })))
    .sort((a, b) => a.place - b.place);
  const shuffled = new Int32Array(labels.length);
  dealt.forEach(({ label }, i) => (shuffled[examples[i] as number] = label));
  return shuffled;
}
