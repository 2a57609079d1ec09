import { describe, expect, it } from 'vitest';
import { accuracy, balancedAccuracy, createRng, macroF1 } from '@kinetune/study';
import fixture from '../../fixtures/metrics.json' with { type: 'json' };
import { bootstrapInterval } from './bootstrap-interval.ts';
import { calibration } from './calibration-error.ts';
import { addMatrices, confusionMatrix } from './confusion-matrix.ts';
import { classScores } from './class-scores.ts';
import { subjectScores } from './subject-scores.ts';

describe('scores from a confusion matrix', () => {
  it.each(Object.entries(fixture.scores))('equal those of scikit-learn: %s', (_, expected) => {
    const matrix = confusionMatrix(expected.truth, expected.predicted, expected);
    expect(matrix).toEqual(expected.confusionMatrix);
    expect(accuracy(matrix)).toBeCloseTo(expected.accuracy, 12);
    expect(macroF1(matrix)).toBeCloseTo(expected.macroF1, 12);
    expect(balancedAccuracy(matrix)).toBeCloseTo(expected.balancedAccuracy, 12);
    classScores(matrix).forEach((score, k) => {
      expect(score.precision).toBeCloseTo(expected.precision[k] as number, 12);
      expect(score.recall).toBeCloseTo(expected.recall[k] as number, 12);
      expect(score.f1).toBeCloseTo(expected.f1[k] as number, 12);
    });
  });

  it('refuse labels out of range and lists of different lengths', () => {
    expect(() => confusionMatrix([0, 2], [0, 1], { classCount: 2 })).toThrow(/labels 0 to 1; got 2 and 1 at 1/);
    expect(() => confusionMatrix([0], [-1], { classCount: 2 })).toThrow(/got 0 and -1 at 0/);
    expect(() => confusionMatrix([0], [0, 1], { classCount: 2 })).toThrow(/expected 1 predictions/);
  });
});

describe('calibration', () => {
  it.each(fixture.calibration.expected)('error with $binCount bins equals numpy', ({ binCount, error, counts }) => {
    const result = calibration(fixture.calibration.probabilities, fixture.calibration.truth, { binCount });
    expect(result.error).toBeCloseTo(error, 12);
    expect(result.bins.map((bin) => bin.count)).toEqual(counts);
  });

  it('is 0 for a model that is certain and right, 1 for one that is certain and wrong', () => {
    expect(calibration([1, 0, 0, 1], [0, 1]).error).toBe(0);
    expect(calibration([1, 0, 0, 1], [1, 0]).error).toBe(1);
    expect(() => calibration([1, 0, 1], [1, 0])).toThrow(/\[N, K\] probabilities for 2 labels, got 3/);
    expect(() => calibration([NaN, 0], [1])).toThrow(/got NaN in row 0/);
  });
});

describe('scores by person', () => {
  it('partition the whole, and leave out people without windows', () => {
    const truth = [0, 1, 1, 0, 1];
    const predicted = [0, 1, 0, 0, 0];
    const people = { subject: [2, 2, 0, 0, 0], subjects: ['a', 'b', 'c'], classCount: 2 };
    const scores = subjectScores(truth, predicted, people);
    expect(scores.map(({ subject, correct, count }) => [subject, correct, count])).toEqual([
      ['a', 1, 3],
      ['c', 2, 2],
    ]);
    expect(addMatrices(scores.map((score) => score.confusionMatrix))).toEqual(
      confusionMatrix(truth, predicted, people),
    );
  });
});

describe('bootstrapInterval', () => {
  const share = (groups: readonly number[]) => groups.reduce((sum, value) => sum + value, 0) / groups.length;

  it('repeats with the same stream and holds the estimate', () => {
    const groups = [0.8, 0.9, 0.95, 0.7, 1];
    const interval = () => bootstrapInterval(groups, share, { rng: createRng('bootstrap') });
    expect(interval()).toEqual(interval());
    expect(interval().estimate).toBeCloseTo(0.87, 12);
    expect(interval().low).toBeLessThan(0.87);
    expect(interval().high).toBeGreaterThan(0.87);
  });

  it('covers the true mean about as often as it says (200 draws of 30 people; fails by chance 1 time in 1,000)', () => {
    let covered = 0;
    for (let draw = 0; draw < 200; draw++) {
      const rng = createRng('coverage', draw);
      const groups = Array.from({ length: 30 }, () => rng.normal());
      const { low, high } = bootstrapInterval(groups, share, { rng, resamples: 500 });
      if (low <= 0 && 0 <= high) covered++;
    }
    // A percentile interval of 30 people covers about 94 %; 94 % ± 3.3 sd of a binomial of 200.
    expect(covered / 200).toBeGreaterThan(0.885);
    expect(covered / 200).toBeLessThan(0.995);
  });

  it('refuses a single person', () => {
    expect(() => bootstrapInterval([1], share, { rng: createRng(0) })).toThrow(/at least 2 of them, got 1/);
  });
});
