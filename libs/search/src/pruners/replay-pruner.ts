/**
 * What a pruner would have saved and lost on a finished study, before anyone enables it (playbook-practices, 98: stopping early
 * is usually not needed, since the best checkpoint is chosen afterwards; it is worth what it saves less what it loses).
 *
 * Lost means: the study's objective is the best value among configurations whose trials all ran to their end, and the regret
 * is how much worse that is with the pruner.
 *
 * The order in which trials started is one draw: the first at a rung goes on whatever its value, and a best trial that
 * happened to be it survives by luck. So the study is replayed in other random orders too, which is exact for a quasi-random
 * study, whose trials do not depend on each other, and a stress test for one whose later trials were proposed from earlier ones.
 */
import { createRng, permutation, type Objective } from '@kinetune/study';
import { topCount } from '../analysis/rank-trials.ts';
import { mean } from '../analysis/statistics/moments.ts';
import { bestOf, hasReached, indexAt } from './judged-trial.ts';
import { noPruner } from './no-pruner.ts';
import type { BudgetUnit, Pruner, TrainingBudget } from './pruner.ts';
import {
  REPLAY_THRESHOLDS,
  type PrunerReplay,
  type RankedAt,
  type ReplayedOrder,
  type ReplayedStop,
  type ReplayNumbers,
  type ReplayThresholds,
  type ValuedConfiguration,
} from './pruner-replay.ts';
import { kendallTau } from './rank-correlation.ts';
import { replayReport } from './replay-report.ts';
import { clocksOf, hasTimes, simulatePruning, type PruningSimulation, type RecordedTrial } from './simulate-pruning.ts';

export interface ReplayOptions {
  readonly pruner: Pruner;
  readonly objective: Objective;
  readonly budget: TrainingBudget;
  /** Trials at once. Default 1. */
  readonly slots?: number;
  /** Where rank correlations are taken, in the budget's unit. Default: at a tenth, a quarter, half and three quarters of it. */
  readonly checkpoints?: readonly number[];
  /** In how many other random orders of starting the study is replayed. Default 20. */
  readonly otherOrders?: number;
  readonly thresholds?: Partial<ReplayThresholds>;
}

/**
 * @param trials the study's, in the order in which they started; ones that are not finished are passed over.
 * @throws InputError as `simulatePruning` does.
 */
export function replayPruner(
  trials: readonly RecordedTrial[],
  { pruner, objective, budget, slots = 1, checkpoints, otherOrders = 20, thresholds: given = {} }: ReplayOptions,
): PrunerReplay {
  const thresholds = { ...REPLAY_THRESHOLDS, ...given };
  const finished = trials.filter(({ state }) => state !== 'QUEUED' && state !== 'RUNNING');
  const simulation = { objective, budget, slots };
  const { stops: stopped, makespan } = simulatePruning(finished, { ...simulation, pruner });
  const without = simulatePruning(finished, { ...simulation, pruner: noPruner }).makespan;

  const { unit } = budget;
  const complete = completeConfigurations(finished, objective);
  const ranked = rankConfigurations(complete, objective);
  const stops = stopsOf(finished, { stopped, objective, unit });
  const top = ranked.slice(0, topCount(ranked.length)).map(({ configuration }) => configuration);
  const marks = checkpoints ?? [0.1, 0.25, 0.5, 0.75].map((share) => share * budget.total);
  const numbers: ReplayNumbers = {
    unit,
    slots,
    trials: finished.length,
    complete: ranked.length,
    isAggregated: ranked.some((one) => one.trials.length > 1),
    cutShort: finished.filter(({ state }) => CUT_SHORT.has(state)).map(({ number }) => number),
    trained: finished.reduce((sum, trial) => sum + (trial[unit].at(-1) ?? 0), 0),
    saved: stops.reduce((sum, stop) => sum + stop.saved, 0),
    savedShare: savedShare(finished, { stopped, unit }),
    isTimed: hasTimes(finished),
    makespan: { without, with: makespan },
    best: ranked[0] ?? null,
    ...keptOf(ranked, stopped),
    top,
    topStopped: ranked
      .slice(0, top.length)
      .filter((one) => one.trials.some((trial) => stopped.has(trial)))
      .map(({ configuration }) => configuration),
    rankCorrelations: marks.map((at) => rankedAt(complete, { at, objective, unit })),
    otherOrders: Array.from({ length: otherOrders }, (_, draw): ReplayedOrder => {
      const order = permutation(finished.length, createRng('replay order', draw));
      const shuffled = Array.from(order, (index) => finished[index] as RecordedTrial);
      const { stops: elsewhere } = simulatePruning(shuffled, { ...simulation, pruner });
      return {
        savedShare: savedShare(finished, { stopped: elsewhere, unit }),
        regret: keptOf(ranked, elsewhere).regret,
      };
    }),
  };
  return {
    ...replayReport(numbers, { stops, thresholds, objective }),
    numbers,
    stops,
    thresholds,
    trials: stops.map(({ trial }) => trial),
  };
}

const CUT_SHORT: ReadonlySet<RecordedTrial['state']> = new Set(['PRUNED', 'FAILED', 'CANCELLED']);

type Stops = PruningSimulation['stops'];

/** The trials of each configuration of which every finished trial completed with a finite value. */
function completeConfigurations(
  finished: readonly RecordedTrial[],
  { metric, direction }: Objective,
): ReadonlyMap<number, readonly RecordedTrial[]> {
  const groups = Map.groupBy(finished, ({ number, configuration }) => configuration ?? number);
  for (const [configuration, trials] of groups) {
    const isComplete = trials.every(
      ({ state, values }) => state === 'COMPLETED' && bestOf(values[metric] ?? [], direction) !== null,
    );
    if (!isComplete) groups.delete(configuration);
  }
  return groups;
}

/** Best first; equal ones in the order in which they started. */
function rankConfigurations(
  complete: ReadonlyMap<number, readonly RecordedTrial[]>,
  { metric, direction }: Objective,
): readonly ValuedConfiguration[] {
  return Array.from(complete, ([configuration, trials]) => ({
    configuration,
    trials: trials.map(({ number }) => number),
    value: mean(trials.map(({ values }) => bestOf(values[metric] ?? [], direction) as number)),
  })).sort((a, b) => (direction === 'maximise' ? b.value - a.value : a.value - b.value));
}

/** The best of which no trial is stopped, and how much worse than the best it is. */
function keptOf(ranked: readonly ValuedConfiguration[], stopped: Stops): Pick<ReplayNumbers, 'bestKept' | 'regret'> {
  const best = ranked[0];
  const bestKept = ranked.find(({ trials }) => !trials.some((trial) => stopped.has(trial))) ?? null;
  return { bestKept, regret: best === undefined || bestKept === null ? null : Math.abs(best.value - bestKept.value) };
}

/** Of the training time where it is known, else of what was trained. */
function savedShare(
  finished: readonly RecordedTrial[],
  { stopped, unit }: { readonly stopped: Stops; readonly unit: BudgetUnit },
): number {
  const clocks = clocksOf(finished, unit);
  let [spent, spared] = [0, 0];
  for (const [order, trial] of finished.entries()) {
    const clock = clocks[order] as readonly number[];
    const end = clock.at(-1) ?? 0;
    spent += end;
    const stop = stopped.get(trial.number);
    if (stop !== undefined) spared += end - (clock[indexAt(trial[unit], stop.at)] as number);
  }
  return spent === 0 ? 0 : spared / spent;
}

function stopsOf(
  finished: readonly RecordedTrial[],
  { stopped, objective, unit }: { readonly stopped: Stops; readonly objective: Objective; readonly unit: BudgetUnit },
): readonly ReplayedStop[] {
  return finished.flatMap((trial) => {
    const stop = stopped.get(trial.number);
    if (stop === undefined) return [];
    const { at, reason, evidence } = stop;
    const values = trial.values[objective.metric] ?? [];
    return [
      {
        trial: trial.number,
        at,
        saved: (trial[unit].at(-1) as number) - at,
        bestThen: bestOf(values, objective.direction, indexAt(trial[unit], at) + 1),
        bestInTheEnd: bestOf(values, objective.direction),
        reason,
        evidence,
      },
    ];
  });
}

function rankedAt(
  complete: ReadonlyMap<number, readonly RecordedTrial[]>,
  { at, objective, unit }: { readonly at: number; readonly objective: Objective; readonly unit: BudgetUnit },
): RankedAt {
  const early: number[] = [];
  const late: number[] = [];
  for (const trials of complete.values()) {
    const then = trials.map((trial) => bestAt(trial, { at, objective, unit }));
    if (then.includes(null)) continue;
    early.push(mean(then as number[]));
    late.push(mean(trials.map(({ values }) => bestOf(values[objective.metric] ?? [], objective.direction) as number)));
  }
  return { at, count: early.length, tau: early.length < 3 ? null : kendallTau(early, late) };
}

/** The best value up to a mark, of a trial that got there; null where there is none. */
function bestAt(
  trial: RecordedTrial,
  { at, objective, unit }: { readonly at: number; readonly objective: Objective; readonly unit: BudgetUnit },
): number | null {
  const positions = trial[unit];
  const reached = indexAt(positions, at);
  if (reached < 0) return null;
  const known = hasReached(at, positions[reached] as number) ? reached + 1 : reached;
  return bestOf(trial.values[objective.metric] ?? [], objective.direction, known);
}
