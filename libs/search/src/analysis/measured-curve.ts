/** What checks of training need beside a trial's best value: its curve, and what it was at its best step. */
import { isBetter, type Direction, type EpochDetail, type Measurement, type TrialState } from '@kinetune/study';
import type { TrialCurve } from '../pruners/pruner.ts';
import type { PersonShare } from './person-spread.ts';

/** A trial's measurements as columns, one for each step, with what the built-in trainer sends inside an epoch. */
export interface MeasuredCurve extends TrialCurve {
  /** As long as `steps`; null where a measurement came without. Left out where no trainer sends it. */
  readonly details?: readonly (EpochDetail | null)[];
  /** The length it was to train for, in optimizer steps; null where not known. */
  readonly totalSteps?: number | null;
}

/** The columns of a trial's measurements, which come by rising step; a metric that a measurement lacks is null there. */
export function measuredCurve({
  number,
  state,
  measurements,
  totalSteps = null,
}: {
  readonly number: number;
  readonly state: TrialState;
  readonly measurements: readonly Measurement[];
  readonly totalSteps?: number | null;
}): MeasuredCurve {
  const names = [...new Set(measurements.flatMap(({ values }) => Object.keys(values)))];
  return {
    number,
    state,
    totalSteps,
    steps: measurements.map(({ step }) => step),
    epochs: measurements.map(({ epoch }) => epoch),
    values: Object.fromEntries(names.map((name) => [name, measurements.map(({ values }) => values[name] ?? null)])),
    details: measurements.map(({ detail }) => detail ?? null),
  };
}

/** The validation windows at a trial's best step, as stored. */
export interface StoredEvaluation {
  readonly trial: number;
  /** Rows are true labels, columns predictions: counts of windows. */
  readonly confusionMatrix: readonly (readonly number[])[];
  readonly perSubject: readonly PersonShare[];
  /** The metrics that were measured at the same step, by name. */
  readonly values: Readonly<Record<string, number | null>>;
}

/** The finite values of a metric with their steps, in order; empty where the trial does not have it. */
export function valuesOf(
  trial: TrialCurve,
  metric: string,
): readonly { readonly step: number; readonly value: number }[] {
  const column = trial.values[metric] ?? [];
  const points: { readonly step: number; readonly value: number }[] = [];
  for (const [i, step] of trial.steps.entries()) {
    const value = column[i];
    if (isMeasured(value)) points.push({ step, value });
  }
  return points;
}

/** Whether a metric has a finite value. */
export function hasValues(trial: TrialCurve, metric: string): boolean {
  return trial.values[metric]?.some(isMeasured) ?? false;
}

/** The last finite value of a metric; null where there is none. */
export function lastOfCurve(
  trial: TrialCurve,
  metric: string,
): { readonly step: number; readonly value: number } | null {
  const column = trial.values[metric] ?? [];
  const at = column.findLastIndex(isMeasured);
  return at < 0 ? null : { step: trial.steps[at] as number, value: column[at] as number };
}

/** The best measurement of a metric, the first of equal ones; null where there is none. */
export function bestOfCurve(
  trial: TrialCurve,
  { metric, direction }: { readonly metric: string; readonly direction: Direction },
): { readonly step: number; readonly value: number } | null {
  const column = trial.values[metric] ?? [];
  let at = -1;
  let best = NaN;
  for (let i = 0; i < column.length; i++) {
    const value = column[i];
    if (!isMeasured(value) || (at >= 0 && !isBetter(direction, value, best))) continue;
    at = i;
    best = value;
  }
  return at < 0 ? null : { step: trial.steps[at] as number, value: best };
}

function isMeasured(value: number | null | undefined): value is number {
  return Number.isFinite(value);
}
