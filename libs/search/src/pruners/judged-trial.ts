/** A request read once for every pruner: checked, the watched metric picked, the trials that can be compared. */
import { InputError, type Direction, type Objective } from '@kinetune/study';
import type { Pruner, PruningDecision, PruningRequest, TrainingBudget, TrialCurve } from './pruner.ts';
import { placeOf } from './wording.ts';

export interface JudgedTrial {
  readonly number: number;
  /** Where it stands, in the budget's unit, and where its measurement before this one stood (-Infinity: there is none). */
  readonly at: number;
  readonly before: number;
  /** The metric that is watched, and its curve; a value that is not finite is null. */
  readonly metric: string;
  readonly direction: Direction;
  readonly positions: readonly number[];
  readonly values: readonly (number | null)[];
  /** The other trials of the same fold; a function, since most decisions need no look at them and there may be thousands. */
  readonly others: () => readonly TrialCurve[];
  readonly budget: TrainingBudget;
}

/**
 * A pruner of this rule. It continues before the first measurement, and when the whole budget is trained: stopping a
 * finished training saves nothing and loses its result.
 * @param watch the metric it looks at; absent: the study's objective.
 * @throws InputError (when asked) for a metric that the trial does not measure, and for curves that are not curves.
 */
export function prunerOf(
  rule: (trial: JudgedTrial, request: PruningRequest) => PruningDecision,
  watch?: Objective,
): Pruner {
  return (request) => {
    const { trial, budget } = request;
    if (!(budget.total > 0)) {
      throw new InputError('training-budget', `expected a positive number of ${budget.unit}, got ${budget.total}`);
    }
    checkCurve(trial);
    const positions = trial[budget.unit];
    const at = positions.at(-1);
    if (at === undefined) return carryOn('nothing is measured yet', null);
    const { metric, direction } = watch ?? request.objective;
    const judged: JudgedTrial = {
      number: trial.number,
      at,
      before: positions.at(-2) ?? -Infinity,
      metric,
      direction,
      positions,
      values: finiteValues(metricOf(trial, metric)),
      others: () => request.others.filter(({ number, fold }) => number !== trial.number && fold === trial.fold),
      budget,
    };
    if (hasReached(at, budget.total)) {
      return carryOn(`all ${budget.total} ${budget.unit} are trained: there is nothing left to save`, at);
    }
    return rule(judged, request);
  };
}

/** A decision to go on that compared nothing. */
export function carryOn(reason: string, at: number | null): PruningDecision {
  return { verdict: 'continue', reason, evidence: [], at, value: null, threshold: null };
}

/** The decision about a trial that has measured nothing finite: there is nothing to wait for. */
export function pruneWithoutValue({ number, metric, at, budget }: JudgedTrial): PruningDecision {
  const reason = `${metric} has not been finite once up to ${placeOf(at, budget.unit)}`;
  return { verdict: 'prune', reason, evidence: [number], at, value: null, threshold: null };
}

/** Whether a position is at a mark or past it; epochs may be sums of fractions. */
export function hasReached(position: number, mark: number): boolean {
  return position >= mark - 1e-9 * Math.max(1, Math.abs(mark));
}

/** The values of a curve's metric, null where not finite; of a metric that it lacks, none. */
export function finiteValues(column: readonly (number | null)[]): readonly (number | null)[] {
  return column.every((value) => value === null || Number.isFinite(value))
    ? column
    : column.map((value) => (value !== null && Number.isFinite(value) ? value : null));
}

/** The best of the first `count` values; null when none is finite. */
export function bestOf(values: readonly (number | null)[], direction: Direction, count = values.length): number | null {
  let best: number | null = null;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (value === null || value === undefined || !Number.isFinite(value)) continue;
    if (best === null || (direction === 'maximise' ? value > best : value < best)) best = value;
  }
  return best;
}

/** Index of the first measurement at a mark or past it, -1 where the curve has not got there. Bisection: curves are many. */
export function indexAt(positions: readonly number[], mark: number): number {
  const count = positions.length;
  if (count === 0 || !hasReached(positions[count - 1] as number, mark)) return -1;
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (hasReached(positions[middle] as number, mark)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function metricOf(trial: TrialCurve, metric: string): readonly (number | null)[] {
  const column = Object.hasOwn(trial.values, metric) ? trial.values[metric] : undefined;
  if (column !== undefined) return column;
  const known = Object.keys(trial.values).join(', ');
  throw new InputError(
    'unknown-metric',
    `expected a metric that trial ${trial.number} measures (${known}), got ${metric}`,
  );
}

/** @throws InputError where columns differ in length, or positions are not finite and ascending. */
export function checkCurve({ number, steps, epochs, values }: TrialCurve): void {
  const columns = Object.entries({ ...values, epochs });
  const uneven = columns.find(([, column]) => column.length !== steps.length);
  if (uneven !== undefined) {
    const [name, { length }] = uneven;
    const expected = `expected columns as long as the ${steps.length} steps of trial ${number}`;
    throw new InputError('curve-columns', `${expected}, got ${length} of ${name}`);
  }
  for (const [name, column] of Object.entries({ steps, epochs })) {
    const index = column.findIndex((value, i) => !Number.isFinite(value) || value <= (column[i - 1] ?? -Infinity));
    if (index < 0) continue;
    const came = `got ${String(column[index])}${index === 0 ? '' : ` after ${String(column[index - 1])}`}`;
    throw new InputError('curve-order', `expected the ${name} of trial ${number} to be finite and ascending, ${came}`);
  }
}
