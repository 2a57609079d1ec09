/**
 * A finished study run again on paper: its trials take `slots` slots in the order given, each lasts as long as it did, and the
 * pruner is asked after every measurement with what was known at that moment. Deterministic: measurements of the same moment
 * happen in the order in which their trials started.
 */
import { InputError, type Objective } from '@kinetune/study';
import { checkCurve } from './judged-trial.ts';
import type { Pruner, PruningDecision, TrainingBudget, TrialCurve } from './pruner.ts';

/** A recorded trial. */
export interface RecordedTrial extends TrialCurve {
  /** Training time up to each measurement, in milliseconds since the trial's start. */
  readonly elapsedMs?: readonly number[];
  /** Trials of one configuration (folds, replicates) are valued together, by their mean. Absent: a configuration of its own. */
  readonly configuration?: number;
}

export interface PruningSimulation {
  /** Where the pruner stopped a trial, by the trial's number; a trial that ended as recorded is not in it. */
  readonly stops: ReadonlyMap<number, PruningDecision & { readonly at: number }>;
  /** When the last trial ended, in milliseconds where every trial has its times, else in the budget's unit. */
  readonly makespan: number;
}

export interface SimulationOptions {
  readonly pruner: Pruner;
  readonly objective: Objective;
  readonly budget: TrainingBudget;
  readonly slots: number;
}

/** What the pruner sees of a trial that is running in the simulation. */
interface LiveCurve extends TrialCurve {
  state: TrialCurve['state'];
  readonly steps: number[];
  readonly epochs: number[];
  readonly values: Record<string, (number | null)[]>;
}

interface Slot {
  readonly recorded: RecordedTrial;
  readonly live: LiveCurve;
  readonly order: number;
  readonly startedAt: number;
  /** Index of the next measurement. */
  next: number;
}

/**
 * @param trials finished ones, in the order in which they started.
 * @throws InputError for curves that are not curves, trials of the same number, or fewer slots than one.
 */
export function simulatePruning(
  trials: readonly RecordedTrial[],
  { pruner, objective, budget, slots: slotCount }: SimulationOptions,
): PruningSimulation {
  if (!Number.isInteger(slotCount) || slotCount < 1) {
    throw new InputError('replay-slots', `expected a whole number of slots, at least 1, got ${slotCount}`);
  }
  checkTrials(trials);
  const clocks = clocksOf(trials, budget.unit);
  const started: LiveCurve[] = [];
  const slots: Slot[] = [];
  const stops = new Map<number, PruningDecision & { at: number }>();
  let makespan = 0;

  /** Puts the next trials that measured anything on a slot; one that measured nothing ends at once. */
  const startNext = (now: number): void => {
    while (started.length < trials.length) {
      const order = started.length;
      const recorded = trials[order] as RecordedTrial;
      const values = Object.fromEntries(Object.keys(recorded.values).map((name) => [name, []]));
      const live: LiveCurve = { ...asCurve(recorded), state: 'RUNNING', steps: [], epochs: [], values };
      started.push(live);
      if (recorded.steps.length > 0) {
        slots.push({ recorded, live, order, startedAt: now, next: 0 });
        return;
      }
      live.state = recorded.state;
    }
  };
  const momentOf = ({ order, startedAt, next }: Slot): number =>
    startedAt + ((clocks[order] as readonly number[])[next] as number);

  for (let i = 0; i < slotCount; i++) startNext(0);
  while (slots.length > 0) {
    const slot = slots.reduce((first, other) => {
      const difference = momentOf(other) - momentOf(first);
      return difference < 0 || (difference === 0 && other.order < first.order) ? other : first;
    });
    const now = momentOf(slot);
    const { recorded, live } = slot;
    measure(live, recorded, slot.next);
    slot.next += 1;
    makespan = Math.max(makespan, now);
    if (slot.next === recorded.steps.length) {
      live.state = recorded.state;
    } else {
      const decision = pruner({ trial: live, others: started, objective, budget });
      if (decision.verdict === 'continue') continue;
      live.state = 'PRUNED';
      stops.set(recorded.number, { ...decision, at: live[budget.unit].at(-1) as number });
    }
    slots.splice(slots.indexOf(slot), 1);
    startNext(now);
  }
  return { stops, makespan };
}

function measure(live: LiveCurve, recorded: RecordedTrial, index: number): void {
  live.steps.push(recorded.steps[index] as number);
  live.epochs.push(recorded.epochs[index] as number);
  for (const [name, column] of Object.entries(recorded.values)) live.values[name]?.push(column[index] ?? null);
}

function asCurve({ elapsedMs: _times, configuration: _configuration, ...curve }: RecordedTrial): TrialCurve {
  return curve;
}

/** When each measurement of each trial came, after its start; positions stand in where one trial has no times. */
export function clocksOf(
  trials: readonly RecordedTrial[],
  unit: TrainingBudget['unit'],
): readonly (readonly number[])[] {
  return hasTimes(trials)
    ? trials.map(({ elapsedMs }) => elapsedMs as readonly number[])
    : trials.map((trial) => trial[unit]);
}

/** Whether every trial that measured something tells its times. */
export function hasTimes(trials: readonly RecordedTrial[]): boolean {
  return trials.every(({ steps, elapsedMs }) => steps.length === 0 || elapsedMs !== undefined);
}

function checkTrials(trials: readonly RecordedTrial[]): void {
  const numbers = new Set<number>();
  for (const trial of trials) {
    const { number, steps, elapsedMs } = trial;
    if (numbers.has(number))
      throw new InputError('replay-trials', `expected each trial once, got trial ${number} twice`);
    numbers.add(number);
    checkCurve(trial);
    if (elapsedMs === undefined) continue;
    const isClock = elapsedMs.every((time, i) => Number.isFinite(time) && time >= (elapsedMs[i - 1] ?? 0));
    if (elapsedMs.length !== steps.length || !isClock) {
      const expected = `expected elapsedMs of trial ${number} to be ${steps.length} ascending numbers`;
      throw new InputError('replay-times', `${expected}, got ${elapsedMs.length}${isClock ? '' : ' out of order'}`);
    }
  }
}
