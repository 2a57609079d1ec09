/** Weights that make every class count the same in the loss. */

/**
 * `n / (K n_k)`, as scikit-learn's `class_weight='balanced'`: their mean over the examples is 1, so the loss keeps its scale.
 * A class without examples weighs 0; K is the number of classes with examples.
 */
export function balancedClassWeights(labels: Int32Array, classCount: number): Float32Array {
  const counts = new Float64Array(classCount);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  const present = counts.filter((count) => count > 0).length;
  return Float32Array.from(counts, (count) => (count === 0 ? 0 : labels.length / (present * count)));
}
