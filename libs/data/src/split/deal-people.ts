import { createRng, permutation } from '@kinetune/study';
import type { Windows } from '../windows/windows.ts';
import { naturalOrder } from '../windows/natural-order.ts';

/**
 * Deals people into `folds` groups whose sizes differ by at most one; a function of the people's names and the seed.
 *
 * Stratified: people are taken from the most lopsided to the most even (ties by chance), each going to the group with
 * room where the groups' class shares then differ least - the greedy rule of scikit-learn's StratifiedGroupKFold,
 * with sizes kept even, which it does not promise.
 */
export function dealPeople(
  windows: Pick<Windows, 'subjects' | 'subject' | 'label' | 'labels'>,
  { folds, seed }: { readonly folds: number; readonly seed: number },
  isStratified: boolean,
): readonly (readonly string[])[] {
  const names = [...windows.subjects].sort(naturalOrder);
  const order = [...permutation(names.length, createRng(seed, 'split', 'group-k-fold'))];
  if (!isStratified) {
    const groups: string[][] = Array.from({ length: folds }, () => []);
    order.forEach((person, i) => groups[i % folds]?.push(names[person] as string));
    return groups;
  }

  const classCount = windows.labels.length;
  const countsOf = new Map(names.map((name) => [name, new Float64Array(classCount)]));
  const totals = new Float64Array(classCount);
  windows.subject.forEach((subject, w) => {
    const k = windows.label[w] as number;
    const counts = countsOf.get(windows.subjects[subject] as string) as Float64Array;
    counts[k] = (counts[k] as number) + 1;
    totals[k] = (totals[k] as number) + 1;
  });
  const shuffled = order.map((person) => names[person] as string);
  const lopsided = (name: string) => deviation([...(countsOf.get(name) as Float64Array)]);
  shuffled.sort((a, b) => lopsided(b) - lopsided(a));

  const groups: string[][] = Array.from({ length: folds }, () => []);
  const groupCounts = groups.map(() => new Float64Array(classCount));
  const larger = names.length % folds;
  const size = Math.floor(names.length / folds);
  for (const name of shuffled) {
    const counts = countsOf.get(name) as Float64Array;
    const fullLarger = groups.filter((group) => group.length > size).length;
    let best = -1;
    let bestSpread = Infinity;
    for (let g = 0; g < folds; g++) {
      const members = (groups[g] as string[]).length;
      if (members > size || (members === size && fullLarger >= larger)) continue;
      const spread = spreadWith(groupCounts, g, counts, totals);
      if (spread < bestSpread) {
        bestSpread = spread;
        best = g;
      }
    }
    (groups[best] as string[]).push(name);
    const target = groupCounts[best] as Float64Array;
    counts.forEach((count, k) => (target[k] = (target[k] as number) + count));
  }
  return groups;
}

/** Mean over classes of the groups' standard deviation of class share, were `counts` added to group `g`. */
function spreadWith(
  groupCounts: readonly Float64Array[],
  g: number,
  counts: Float64Array,
  totals: Float64Array,
): number {
  let sum = 0;
  totals.forEach((total, k) => {
    if (total === 0) return;
    sum += deviation(
      groupCounts.map((group, i) => ((group[k] as number) + (i === g ? (counts[k] as number) : 0)) / total),
    );
  });
  return sum;
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
