/**
 * Scores of each class from a confusion matrix [K, K] (rows true, columns predicted), as scikit-learn defines them: a ratio
 * with nothing below the line is 0. Means over classes are libs/study's.
 */
import type { ConfusionMatrix } from '@kinetune/study';

export interface ClassScore {
  /** tp / (tp + fp). */
  readonly precision: number;
  /** tp / (tp + fn). */
  readonly recall: number;
  /** Harmonic mean of precision and recall: 2 tp / (2 tp + fp + fn). */
  readonly f1: number;
  /** Windows of this class. */
  readonly count: number;
  /** Predictions of this class. */
  readonly predictedCount: number;
}

/** Precision, recall and F1 of each class. */
export function classScores(matrix: ConfusionMatrix): readonly ClassScore[] {
  return matrix.map((row, k) => {
    const hits = row[k] as number;
    const count = sumOf(row);
    const predictedCount = matrix.reduce((sum, other) => sum + (other[k] as number), 0);
    return {
      precision: ratio(hits, predictedCount),
      recall: ratio(hits, count),
      f1: ratio(2 * hits, count + predictedCount),
      count,
      predictedCount,
    };
  });
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
