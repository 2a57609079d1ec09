import { describe, expect, it } from 'vitest';
import { earlyStopReason } from './early-stop-reason.ts';
import type { TrialMeasurement } from './trial-measurement.ts';

const curve = (values: readonly (number | null)[]): readonly TrialMeasurement[] =>
  values.map((validationLoss, i) => ({ step: (i + 1) * 10, epoch: i + 1, values: { validationLoss } }));

/** The epoch after which the rule first ends the trial, 1-based; 0: never. */
function endsAfter(
  kind: 'patience' | 'consecutive-worsenings',
  epochs: number,
  values: readonly (number | null)[],
): number {
  const all = curve(values);
  const rule = { kind, metric: 'validationLoss', epochs };
  for (let n = 1; n <= all.length; n++) if (earlyStopReason(rule, 'minimise', all.slice(0, n)) !== undefined) return n;
  return 0;
}

describe('earlyStopReason', () => {
  it('with patience ends a trial after so many epochs without a new best', () => {
    expect(endsAfter('patience', 2, [3, 2, 2.5, 2.2, 1])).toBe(4);
    expect(endsAfter('patience', 3, [3, 2, 2.5, 2.2, 1])).toBe(0);
    expect(endsAfter('patience', 2, [3, 2, 2, 2])).toBe(4);
    expect(endsAfter('patience', 2, [3, null, null])).toBe(3);
  });

  it('with consecutive worsenings ends it only when each epoch is worse than the one before', () => {
    expect(endsAfter('consecutive-worsenings', 3, [1, 2, 3, 4])).toBe(4);
    expect(endsAfter('consecutive-worsenings', 3, [1, 2, 3, 2.9, 3.1, 3.2, 3.3])).toBe(7);
    expect(endsAfter('consecutive-worsenings', 3, [1, 2, 3, 3, 4, 5])).toBe(0);
    expect(endsAfter('consecutive-worsenings', 5, [9, 5, 6, 7, 8, 9, 10])).toBe(7);
  });

  it('goes the other way for a metric that is maximised, and says what it saw', () => {
    const rule = { kind: 'consecutive-worsenings', metric: 'validationLoss', epochs: 2 } as const;
    expect(earlyStopReason(rule, 'maximise', curve([1, 2, 3, 4]))).toBeUndefined();
    expect(earlyStopReason(rule, 'maximise', curve([4, 3, 2]))).toBe('validationLoss has worsened 2 epochs in a row');
  });
});
