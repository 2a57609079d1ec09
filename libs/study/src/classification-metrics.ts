/**
 * Metrics of a classifier from its confusion matrix, which sums over batches and people without error.
 * Rows are true labels, columns predictions; K classes. Held against scikit-learn's functions of the same names.
 */

/** Counts [K, K]: `matrix[truth][prediction]`. */
export type ConfusionMatrix = readonly (readonly number[])[];

/** Share of examples on the diagonal, 0 to 1; NaN without examples. */
export function accuracy(matrix: ConfusionMatrix): number {
  let correct = 0;
  let count = 0;
  matrix.forEach((row, truth) => {
    correct += row[truth] ?? 0;
    for (const cell of row) count += cell;
  });
  return correct / count;
}

/**
 * Unweighted mean of the classes' F1, as `f1_score(average='macro', zero_division=0)`: a class that neither occurs nor is
 * predicted is left out, as scikit-learn does when it collects the labels; one that only occurs or is only predicted counts 0.
 * NaN without examples.
 */
export function macroF1(matrix: ConfusionMatrix): number {
  let sum = 0;
  let present = 0;
  matrix.forEach((row, k) => {
    const support = total(row);
    const predicted = matrix.reduce((count, other) => count + (other[k] ?? 0), 0);
    if (support + predicted === 0) return;
    present++;
    // 2TP / (2TP + FP + FN): the harmonic mean of precision and recall without their divisions by zero.
    sum += (2 * (row[k] ?? 0)) / (support + predicted);
  });
  return sum / present;
}

/** Mean recall of the classes that occur, as `balanced_accuracy_score`. NaN without examples. */
export function balancedAccuracy(matrix: ConfusionMatrix): number {
  let sum = 0;
  let present = 0;
  matrix.forEach((row, k) => {
    const support = total(row);
    if (support === 0) return;
    present++;
    sum += (row[k] ?? 0) / support;
  });
  return sum / present;
}

function total(row: readonly number[]): number {
  return row.reduce((sum, cell) => sum + cell, 0);
}
