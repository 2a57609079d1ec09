/**
 * Scores of a classifier from its confusion matrix M [K, K] (rows true, columns predicted), as scikit-learn defines
 * them: a ratio with nothing below the line is 0, and a class that occurs neither as truth nor as prediction has no
 * part in a mean over classes. All are NaN for an empty matrix.
 */
import type { ConfusionMatrix } from './confusion-matrix.ts';

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

/** Share of correct predictions. */
export function accuracy(matrix: ConfusionMatrix): number {
  const total = matrix.reduce((sum, row) => sum + sumOf(row), 0);
  return matrix.reduce((sum, row, k) => sum + (row[k] as number), 0) / total;
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

/** Mean F1 over the classes that occur, as truth or as prediction. */
export function macroF1(matrix: ConfusionMatrix): number {
  return meanOf(
    classScores(matrix)
      .filter((score) => score.count + score.predictedCount > 0)
      .map((score) => score.f1),
  );
}

/** Mean recall over the classes that occur as truth. */
export function balancedAccuracy(matrix: ConfusionMatrix): number {
  return meanOf(
    classScores(matrix)
      .filter((score) => score.count > 0)
      .map((score) => score.recall),
  );
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function meanOf(values: readonly number[]): number {
  return sumOf(values) / values.length;
}
