/**
 * The baselines that come with every data set: what a score must beat to mean anything.
 * - `majority-class`: always the most frequent class of the windows it was fitted on.
 * - `logistic-regression`: on standardised simple features (`windowFeatures`), C = 0.1, not tuned.
 */
import { accuracy, balancedAccuracy, InputError, macroF1, type ConfusionMatrix } from '@kinetune/study';
import { confusionMatrix } from '../metrics/confusion-matrix.ts';
import { subjectScores, type SubjectScore } from '../metrics/subject-scores.ts';
import { partIndices } from '../split/part-indices.ts';
import { PARTS, type Part, type Split } from '../split/split.ts';
import type { Windows } from '../windows/windows.ts';
import { fitLogisticRegression, mostProbable, predictProbabilities } from './logistic-regression.ts';
import { standardiseFeatures } from './standardise-features.ts';
import { windowFeatures, type FeatureMatrix } from './window-features.ts';

export const BASELINES = ['majority-class', 'logistic-regression'] as const;
export type BaselineName = (typeof BASELINES)[number];

const INVERSE_REGULARISATION = 0.1;

export interface BaselineScore {
  readonly name: BaselineName;
  readonly fittedOn: readonly Part[];
  readonly scoredOn: Part;
  readonly splitHash: string;
  /** Of the split: true marks an inflated score. */
  readonly isLeaking: boolean;
  readonly isSynthetic: boolean;
  readonly confusionMatrix: ConfusionMatrix;
  /** Shares in 0 ... 1. */
  readonly accuracy: number;
  readonly macroF1: number;
  readonly balancedAccuracy: number;
  readonly subjects: readonly SubjectScore[];
}

export interface BaselineOptions {
  /**
   * Default train. Baselines choose nothing by validation scores, so `['train', 'validation']` is fair when test is
   * scored at the end.
   */
  readonly fitOn?: readonly Part[];
  /** Default validation: the test people are opened once, at the end. */
  readonly scoreOn?: Part;
  /** From `windowFeatures`, where several splits of the same windows are scored. */
  readonly features?: FeatureMatrix;
}

/** Fits and scores both baselines on a split. A few seconds for 10,000 windows of six channels. */
export function runBaselines(
  windows: Windows,
  split: Split,
  options: BaselineOptions = {},
): Readonly<Record<BaselineName, BaselineScore>> {
  const { fitOn = ['train'], scoreOn = 'validation', features = windowFeatures(windows) } = options;
  if (fitOn.includes(scoreOn)) {
    throw new InputError(
      'baseline-parts',
      `a baseline fitted on ${fitOn.join(' and ')} cannot be scored on ${scoreOn}`,
    );
  }
  const indices = partIndices(windows, split);
  const fitted = Int32Array.from(PARTS.filter((part) => fitOn.includes(part)).flatMap((part) => [...indices[part]]));
  const scored = indices[scoreOn];
  const classCount = windows.labels.length;
  const labelsFitted = fitted.map((w) => windows.label[w] as number);
  const truth = scored.map((w) => windows.label[w] as number);
  const subject = scored.map((w) => windows.subject[w] as number);

  const score = (name: BaselineName, predicted: Int32Array): BaselineScore => {
    const matrix = confusionMatrix(truth, predicted, { classCount });
    return {
      name,
      fittedOn: fitOn,
      scoredOn: scoreOn,
      splitHash: split.hash,
      isLeaking: split.isLeaking,
      isSynthetic: windows.isSynthetic,
      confusionMatrix: matrix,
      accuracy: accuracy(matrix),
      macroF1: macroF1(matrix),
      balancedAccuracy: balancedAccuracy(matrix),
      subjects: subjectScores(truth, predicted, { subject, subjects: windows.subjects, classCount }),
    };
  };

  const { train, other } = standardiseFeatures(features, fitted, scored);
  const model = fitLogisticRegression(train, labelsFitted, {
    classCount,
    inverseRegularisation: INVERSE_REGULARISATION,
  });
  return {
    'majority-class': score(
      'majority-class',
      truth.map(() => mostFrequent(labelsFitted, classCount)),
    ),
    'logistic-regression': score('logistic-regression', mostProbable(predictProbabilities(model, other), classCount)),
  };
}

/** The first of the most frequent labels. */
function mostFrequent(labels: Int32Array, classCount: number): number {
  const counts = new Int32Array(classCount);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  return counts.indexOf(Math.max(...counts));
}
