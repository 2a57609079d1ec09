import { InputError, type ConfusionMatrix } from '@kinetune/study';

/**
 * Counts predictions.
 * @param truth [N] labels 0 ... classCount-1.
 * @param predicted [N] likewise.
 */
export function confusionMatrix(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  { classCount }: { readonly classCount: number },
): ConfusionMatrix {
  if (truth.length !== predicted.length) {
    throw new InputError('metric-shape', `expected ${truth.length} predictions, one a label; got ${predicted.length}`);
  }
  const matrix = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  for (let i = 0; i < truth.length; i++) {
    const row = matrix[truth[i] as number];
    const column = predicted[i] as number;
    if (row?.[column] === undefined) {
      throw new InputError(
        'metric-label',
        `expected labels 0 to ${classCount - 1}; got ${truth[i]} and ${column} at ${i}`,
      );
    }
    row[column] = row[column] + 1;
  }
  return matrix;
}

/** Element-wise sum of matrices of one size. */
export function addMatrices(matrices: readonly ConfusionMatrix[]): ConfusionMatrix {
  const first = matrices[0] ?? [];
  return first.map((row, k) => row.map((_, j) => matrices.reduce((sum, matrix) => sum + (matrix[k]?.[j] ?? 0), 0)));
}
