/** Which of the measured divisions to use. */
import type { MeasuredDivision } from './measure-division.ts';

export interface DivisionVerdict {
  readonly best: MeasuredDivision;
  /** Whether every round of the best was faster than every round of the others. */
  readonly isClear: boolean;
}

/** The fastest; where rounds of two overlap the machine was too busy, or they are too alike, to tell. */
export function judgeDivisions(measured: readonly MeasuredDivision[]): DivisionVerdict {
  const [best, ...others] = measured.toSorted((a, b) => b.trialsPerHour - a.trialsPerHour);
  if (best === undefined) throw new Error('expected a division that was measured, got none');
  const slowest = Math.min(...best.epochsPerSecond);
  return { best, isClear: others.every(({ epochsPerSecond }) => Math.max(...epochsPerSecond) < slowest) };
}
