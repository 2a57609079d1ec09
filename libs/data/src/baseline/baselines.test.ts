import { beforeAll, describe, expect, it } from 'vitest';
import fixture from '../../fixtures/real-accuracy.json' with { type: 'json' };
import { importDataset } from '../import/import-dataset.ts';
import { createSplit } from '../split/create-split.ts';
import { smallPeople } from '../testing/small-dataset.ts';
import {
  HAS_REAL_DATA,
  HAS_WATCH,
  NO_REAL_DATA,
  NO_WATCH,
  REAL_DATA_FOLDER,
  WATCH_PATH,
} from '../testing/real-data.ts';
import { cutWindows } from '../windows/cut-windows.ts';
import type { Windows } from '../windows/windows.ts';
import { crossValidateBaselines } from './cross-validate-baselines.ts';
import { runBaselines } from './run-baselines.ts';

const TRAIN_AND_VALIDATION = { fitOn: ['train', 'validation'], scoreOn: 'test' } as const;
const countsOf = (windows: Windows) =>
  windows.labels.map((_, k) => windows.label.filter((label) => label === k).length);

describe.skipIf(!HAS_REAL_DATA)(`baselines on HAPT-6, official people split${NO_REAL_DATA}`, () => {
  let windows: Windows;
  beforeAll(async () => {
    windows = cutWindows(await importDataset(REAL_DATA_FOLDER, { kind: 'hapt-6' }), { length: 128, step: 64 });
  }, 60_000);

  it('has 10,411 windows, 7,415 of training people and 2,996 of test people', () => {
    expect(countsOf(windows)).toEqual([1722, 1544, 1407, 1801, 1979, 1958]);
    const { classCounts } = createSplit(windows, { kind: 'official', seed: 0, validationShare: 0.2 });
    const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
    expect(total(classCounts.train) + total(classCounts.validation)).toBe(7415);
    expect(total(classCounts.test)).toBe(2996);
  });

  it('logistic regression lands at 95 ± 1, within 0.1 point of scikit-learn on the same features', () => {
    const split = createSplit(windows, { kind: 'official', seed: 0, validationShare: 0.2 });
    const scores = runBaselines(windows, split, TRAIN_AND_VALIDATION);
    const regression = scores['logistic-regression'];
    expect(Math.abs(regression.accuracy - 0.95)).toBeLessThan(0.01);
    expect(Math.abs(regression.accuracy - fixture['hapt-6'].accuracies[0]!)).toBeLessThanOrEqual(0.001);
    expect(regression.subjects.map(({ subject }) => subject)).toEqual(windows.officialSplit?.test);
    const majority = scores['majority-class'];
    expect(majority.accuracy).toBeCloseTo(
      Math.max(...countsOf(windows).map((_, k) => share(majority.confusionMatrix, k))),
      6,
    );
  }, 120_000);
});

describe.skipIf(!HAS_WATCH)(`baselines on the watch data${NO_WATCH}`, () => {
  it('logistic regression lands at 85 ± 2 in 5 folds by people, within 0.1 point of scikit-learn in each', async () => {
    const windows = cutWindows(await importDataset(WATCH_PATH), { length: 128, step: 64 });
    expect(countsOf(windows)).toEqual([388, 592, 602, 555, 556, 449, 463]);
    const spec = { kind: 'group-k-fold', folds: 5, fold: 0, seed: 0 } as const;
    const { folds, meanAccuracy } = crossValidateBaselines(windows, spec, TRAIN_AND_VALIDATION)['logistic-regression'];
    expect(Math.abs(meanAccuracy - 0.85)).toBeLessThan(0.02);
    folds.forEach((fold, i) => {
      expect(Math.abs(fold.accuracy - fixture.watch.accuracies[i]!)).toBeLessThanOrEqual(0.001);
    });
  }, 120_000);
});

describe('runBaselines', () => {
  const windows = cutWindows(smallPeople(6), { length: 10, step: 5 });
  const split = createSplit(windows, { kind: 'group-k-fold', folds: 3, fold: 0, seed: 0 });

  it('fits on train and scores on validation unless told otherwise, and carries what marks a score', () => {
    const scores = runBaselines(windows, split);
    for (const score of Object.values(scores)) {
      expect(score).toMatchObject({ fittedOn: ['train'], scoredOn: 'validation', splitHash: split.hash });
      expect(score).toMatchObject({ isLeaking: false, isSynthetic: false });
      expect(score.subjects.map(({ subject }) => subject)).toEqual(split.validation);
    }
    // 7 windows of class 0 and 11 of class 1 for each person.
    expect(scores['majority-class'].accuracy).toBeCloseTo(11 / 18, 12);
    const leaking = createSplit(windows, { kind: 'random-windows', seed: 0, validationShare: 0.2, testShare: 0.2 });
    expect(runBaselines(windows, leaking)['logistic-regression'].isLeaking).toBe(true);
  });

  it('refuses to score what it was fitted on', () => {
    expect(() => runBaselines(windows, split, { fitOn: ['train', 'test'], scoreOn: 'test' })).toThrow(
      /fitted on train and test cannot be scored on test/,
    );
  });
});

/** Share of true class k in a confusion matrix. */
function share(matrix: readonly (readonly number[])[], k: number): number {
  const sum = (row: readonly number[] = []) => row.reduce((total, count) => total + count, 0);
  return sum(matrix[k]) / matrix.reduce((total, row) => total + sum(row), 0);
}
