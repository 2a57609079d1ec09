import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { accuracy, balancedAccuracy, macroF1 } from './classification-metrics.ts';

interface Case {
  readonly matrix: number[][];
  readonly accuracy: number;
  readonly macroF1: number;
  readonly balancedAccuracy: number;
}

const cases = JSON.parse(
  readFileSync(new URL('../fixtures/classification-metrics.json', import.meta.url), 'utf8'),
) as Case[];

describe('metrics from a confusion matrix', () => {
  it('equal those of scikit-learn, classes that are missing on either side included', () => {
    expect(cases.length).toBeGreaterThan(10);
    for (const expected of cases) {
      expect(accuracy(expected.matrix)).toBeCloseTo(expected.accuracy, 12);
      expect(macroF1(expected.matrix)).toBeCloseTo(expected.macroF1, 12);
      expect(balancedAccuracy(expected.matrix)).toBeCloseTo(expected.balancedAccuracy, 12);
    }
  });

  it('are not a number when there are no examples', () => {
    const empty = [
      [0, 0],
      [0, 0],
    ];
    expect(accuracy(empty)).toBeNaN();
    expect(macroF1(empty)).toBeNaN();
    expect(balancedAccuracy(empty)).toBeNaN();
  });
});
