/** Retrospective choice: which epochs' checkpoints a trial keeps. */
import { isBetter, type Objective } from '@kinetune/study';
import type { TrialMeasurement } from './trial-measurement.ts';

/** The best `count` measurements by the objective, best first; the earlier of two equal ones comes first. */
export function bestMeasurements(
  measurements: readonly TrialMeasurement[],
  objective: Objective,
  count: number,
): readonly TrialMeasurement[] {
  const value = ({ values }: TrialMeasurement): number => values[objective.metric] ?? Number.NaN;
  return measurements
    .filter((measurement) => Number.isFinite(value(measurement)))
    .toSorted((a, b) => {
      if (value(a) === value(b)) return a.step - b.step;
      return isBetter(objective.direction, value(a), value(b)) ? -1 : 1;
    })
    .slice(0, count);
}
