import type { ConfusionMatrix } from '@kinetune/study';
import { confusionMatrix } from './confusion-matrix.ts';

export interface SubjectScore {
  readonly subject: string;
  readonly correct: number;
  readonly count: number;
  readonly confusionMatrix: ConfusionMatrix;
}

/**
 * Scores person by person, in the order of `subjects`; people without windows here are left out. One person decides a
 * lot, so the worst is worth naming.
 * @param truth [N] labels. @param predicted [N] labels.
 */
export function subjectScores(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  people: {
    /** [N] index into `subjects`. */
    readonly subject: ArrayLike<number>;
    readonly subjects: readonly string[];
    readonly classCount: number;
  },
): readonly SubjectScore[] {
  return people.subjects.flatMap((subject, s) => {
    const rows = Array.from({ length: truth.length }, (_, i) => i).filter((i) => people.subject[i] === s);
    if (rows.length === 0) return [];
    const matrix = confusionMatrix(
      rows.map((i) => truth[i] as number),
      rows.map((i) => predicted[i] as number),
      people,
    );
    return {
      subject,
      correct: matrix.reduce((sum, row, k) => sum + (row[k] as number), 0),
      count: rows.length,
      confusionMatrix: matrix,
    };
  });
}
