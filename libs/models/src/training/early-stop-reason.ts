/** Whether a trial's early-stopping rule is met: a pure function of its measurements, so a resumed trial decides the same. */
import { type Direction, type EarlyStopping, isBetter } from '@kinetune/study';
import type { TrialMeasurement } from './trial-measurement.ts';

/**
 * Why the trial ends after the last of `measurements`, or undefined while it goes on. A value that is not finite counts as
 * worse than any other.
 */
export function earlyStopReason(
  rule: EarlyStopping,
  direction: Direction,
  measurements: readonly TrialMeasurement[],
): string | undefined {
  const values = measurements.map(({ values }) => values[rule.metric] ?? Number.NaN);
  switch (rule.kind) {
    case 'patience': {
      const best = values.reduce((best, value, i) => (isBetter(direction, value, values[best] ?? NaN) ? i : best), 0);
      return values.length - 1 - best >= rule.epochs
        ? `${rule.metric} has had no new best for ${rule.epochs} epochs, since epoch ${measurements[best]?.epoch}`
        : undefined;
    }
    case 'consecutive-worsenings': {
      let worsenings = 0;
      for (let i = values.length - 1; i > 0 && isBetter(direction, values[i - 1] ?? NaN, values[i] ?? NaN); i--)
        worsenings++;
      return worsenings >= rule.epochs ? `${rule.metric} has worsened ${worsenings} epochs in a row` : undefined;
    }
  }
}
