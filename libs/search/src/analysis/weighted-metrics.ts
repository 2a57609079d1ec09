/**
 * Does a metric weigh each window equally? (Deep Learning Tuning Playbook, "Setting up the training pipeline: evaluation"; practice 93.)
 * A mean of batch means counts the windows of the last, smaller batch too much, padded ones count as if they were there. The confusion
 * matrix at the best step is a sum over windows: what follows from it must be what was reported, the people's counts must add up to it,
 * and every trial must have been validated on as many windows.
 */
import { accuracy, macroF1 } from '@kinetune/study';
import type { Check } from './check.ts';
import type { StoredEvaluation } from './measured-curve.ts';
import { showCount, showList, showNumber } from './wording.ts';

export const WEIGHTED_METRICS_THRESHOLDS = {
  /** Differences up to this are rounding (single precision). */
  tolerance: 1e-5,
} as const;

const FROM_MATRIX = {
  validationAccuracy: accuracy,
  validationMacroF1: macroF1,
} as const;

export interface WeightedMetricsNumbers {
  /** Windows that each trial was validated on, by how many trials. Folds have windows of their own. */
  readonly windows: readonly { readonly count: number; readonly trials: readonly number[] }[];
  readonly mismatches: readonly {
    readonly trial: number;
    readonly metric: string;
    readonly reported: number;
    readonly counted: number;
  }[];
  /** Trials whose people's counts do not add up to the matrix. */
  readonly peopleDiffer: readonly number[];
  readonly checked: number;
}

export const WEIGHTED_METRICS_VERDICTS = ['consistent', 'mismatch', 'different-windows', 'not-known'] as const;
export type WeightedMetrics = Check<(typeof WEIGHTED_METRICS_VERDICTS)[number], WeightedMetricsNumbers>;

export interface WeightedMetricsOptions {
  readonly thresholds?: Partial<Record<keyof typeof WEIGHTED_METRICS_THRESHOLDS, number>>;
}

/** `trials` of the check are those with a fault, else all that were checked. */
export function weightedMetrics(
  evaluations: readonly StoredEvaluation[],
  { thresholds }: WeightedMetricsOptions = {},
): WeightedMetrics {
  const { tolerance } = { ...WEIGHTED_METRICS_THRESHOLDS, ...thresholds };
  const counted = evaluations.filter(({ confusionMatrix }) => windowsOf(confusionMatrix) > 0);
  const mismatches = counted.flatMap(({ trial, confusionMatrix, values }) =>
    Object.entries(FROM_MATRIX).flatMap(([metric, of]) => {
      const reported = values[metric];
      if (reported === undefined || reported === null) return [];
      const found = of(confusionMatrix);
      return Math.abs(found - reported) <= tolerance ? [] : [{ trial, metric, reported, counted: found }];
    }),
  );
  const peopleDiffer = counted
    .filter(({ perSubject, confusionMatrix }) => {
      if (perSubject.length === 0) return false;
      const right = confusionMatrix.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
      const sumOf = (key: 'count' | 'correct'): number => perSubject.reduce((sum, one) => sum + one[key], 0);
      return sumOf('count') !== windowsOf(confusionMatrix) || sumOf('correct') !== right;
    })
    .map(({ trial }) => trial);
  const groups = Map.groupBy(counted, ({ confusionMatrix }) => windowsOf(confusionMatrix));
  const windows = [...groups].map(([count, members]) => ({ count, trials: members.map(({ trial }) => trial) }));
  const numbers: WeightedMetricsNumbers = { windows, mismatches, peopleDiffer, checked: counted.length };
  const faulty = [...new Set([...mismatches.map(({ trial }) => trial), ...peopleDiffer])];
  if (counted.length === 0) {
    const reason = 'no confusion matrix at a best step is stored: whether windows count equally cannot be checked';
    return { verdict: 'not-known', status: 'not-known', reason, numbers, trials: [], next: null };
  }
  const [first] = mismatches;
  if (faulty.length > 0) {
    const why =
      first === undefined
        ? `the people's counts of ${showCount(peopleDiffer.length, 'trial')} do not add up to the confusion matrix`
        : `${first.metric} of trial ${first.trial} was reported as ${showNumber(first.reported)}, its windows give ${showNumber(first.counted)}${mismatches.length === 1 ? '' : ` (${mismatches.length} such)`}`;
    return {
      verdict: 'mismatch',
      status: 'fail',
      reason: `${why}: windows do not count equally, as with a mean of batch means or with padding`,
      numbers,
      trials: faulty,
      next: {
        action: 'look-for-bug',
        text: 'add up sums and counts over batches, and give padded windows weight zero',
      },
    };
  }
  const checked = counted.map(({ trial }) => trial);
  if (windows.length > 1) {
    return {
      verdict: 'different-windows',
      status: 'caution',
      reason: `trials were validated on ${showList(windows.map(({ count, trials }) => `${count} windows (${showCount(trials.length, 'trial')})`))}: they are compared on different data, as over folds or window lengths`,
      numbers,
      trials: checked,
      next: null,
    };
  }
  return {
    verdict: 'consistent',
    status: 'pass',
    reason: `the metrics of ${showCount(counted.length, 'trial')} follow from counts of ${windows[0]?.count ?? 0} windows each`,
    numbers,
    trials: checked,
    next: null,
  };
}

function windowsOf(matrix: StoredEvaluation['confusionMatrix']): number {
  return matrix.reduce((sum, row) => sum + row.reduce((inRow, count) => inRow + count, 0), 0);
}
