/**
 * What does learning-rate decay bring? The original study's comparison, as a group: the same configurations with and without the
 * schedule, everything else equal, the seed too. Each pair is one configuration and one seed; a test on
 * the pairs' differences says whether the schedule helps on the configurations at hand.
 *
 * A pair needs every value but the schedule's own to be equal. Configurations that one side lacks, or where one side has no value, are
 * counted and named, not dropped in silence: a schedule that keeps a configuration from diverging has an effect, too.
 */
import { parseName, type Direction, type Values } from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import type { Check } from './check.ts';
import {
  compareReplicates,
  COMPARISON_THRESHOLDS,
  type Comparison,
  type ComparisonOptions,
} from './compare-replicates.ts';
import { showCount, showList, showNumber } from './wording.ts';

/** What describes a schedule, and may differ within a pair; by leaf name. Warm-up is tuned apart from decay and must be equal. */
export const SCHEDULE_HYPERPARAMETERS = ['schedule', 'finalLearningRate', 'cosineHalfPeriodEpochs'] as const;

export interface SeededTrial extends AnalysedTrial {
  readonly seed: number;
  /** Left out or null without folds. */
  readonly fold?: number | null;
}

export interface SchedulePair {
  readonly withDecay: number;
  readonly withoutDecay: number;
  readonly seed: number;
  /** Better with decay is positive; null where a side has no value. */
  readonly difference: number | null;
}

export interface ScheduleComparisonNumbers {
  readonly pairs: readonly SchedulePair[];
  /** Pairs of which only one side trained. */
  readonly onlyWithDecay: number;
  readonly onlyWithoutDecay: number;
  /** Trials without a partner. */
  readonly unpaired: readonly number[];
  readonly comparison: Comparison['numbers'] | null;
  readonly schedules: readonly string[];
}

export const SCHEDULE_COMPARISON_VERDICTS = ['helps', 'hurts', 'not-told-apart', 'too-few'] as const;
export type ScheduleComparison = Check<(typeof SCHEDULE_COMPARISON_VERDICTS)[number], ScheduleComparisonNumbers>;

export interface ScheduleComparisonOptions {
  readonly direction: Direction;
  /** Names that may differ within a pair besides the schedule itself. */
  readonly scheduleHyperparameters?: readonly string[];
  readonly thresholds?: ComparisonOptions['thresholds'];
}

/** @param trials of the whole group, those whose schedule is `constant` and the others; every value in `values`, fixed ones too. */
export function compareSchedules(
  trials: readonly SeededTrial[],
  { direction, scheduleHyperparameters = SCHEDULE_HYPERPARAMETERS, thresholds }: ScheduleComparisonOptions,
): ScheduleComparison {
  const finished = trials.filter(({ state }) => state === 'COMPLETED' || state === 'INFEASIBLE');
  const constant = new Map<string, SeededTrial>();
  const decayed = new Map<string, SeededTrial>();
  for (const trial of finished) {
    const key = keyOf(trial, scheduleHyperparameters);
    (scheduleOf(trial.values) === 'constant' ? constant : decayed).set(key, trial);
  }
  const sign = direction === 'maximise' ? 1 : -1;
  const joined = [...decayed].flatMap(([key, one]) => {
    const other = constant.get(key);
    return other === undefined ? [] : [[one, other] as const];
  });
  const pairs = joined.map(([one, other]): SchedulePair => {
    const [a, b] = [valueOf(one), valueOf(other)];
    const difference = a === null || b === null ? null : sign * (a - b);
    return { withDecay: one.number, withoutDecay: other.number, seed: one.seed, difference };
  });
  const paired = new Set(pairs.flatMap(({ withDecay, withoutDecay }) => [withDecay, withoutDecay]));
  const schedules = [...new Set([...decayed.values()].map(({ values }) => scheduleOf(values)))].sort();
  // Pairs are told apart by their order here: a seed may come with several configurations.
  const whole = joined.filter(([one, other]) => valueOf(one) !== null && valueOf(other) !== null);
  const runs = (side: 0 | 1) =>
    whole.map((pair, order) => ({
      trial: pair[side].number,
      seed: order,
      configuration: side,
      value: pair[side].bestValue,
    }));
  const compared = compareReplicates(runs(0), runs(1), {
    direction,
    ...(thresholds === undefined ? {} : { thresholds }),
  });
  const isMissing = ([one, other]: readonly [SeededTrial, SeededTrial]): boolean =>
    valueOf(one) !== null && valueOf(other) === null;
  const numbers: ScheduleComparisonNumbers = {
    pairs,
    onlyWithDecay: joined.filter(isMissing).length,
    onlyWithoutDecay: joined.filter(([one, other]) => isMissing([other, one])).length,
    unpaired: finished.filter(({ number }) => !paired.has(number)).map(({ number }) => number),
    comparison: compared.verdict === 'too-few' ? null : compared.numbers,
    schedules,
  };
  const base = { numbers, trials: [...paired] };
  const lost = [
    ...(numbers.onlyWithDecay === 0
      ? []
      : [`${showCount(numbers.onlyWithDecay, 'configuration')} trained with it alone`]),
    ...(numbers.onlyWithoutDecay === 0 ? [] : [`${numbers.onlyWithoutDecay} without it alone`]),
    ...(numbers.unpaired.length === 0 ? [] : [`${showCount(numbers.unpaired.length, 'trial')} without a partner`]),
  ];
  const rest = lost.length === 0 ? '' : `; ${lost.join(', ')}`;
  const { effect, interval } = compared.numbers;
  if (effect === null || interval === null) {
    const missing = Math.max((thresholds?.fewestSeeds ?? COMPARISON_THRESHOLDS.fewestSeeds) - whole.length, 1);
    const text = `train ${showCount(missing, 'more configuration')} both with and without the schedule, same seed`;
    return {
      ...base,
      verdict: 'too-few',
      status: 'not-known',
      reason: `${showCount(whole.length, 'pair')} of the same configuration and seed with and without decay${rest}`,
      next: { action: 'replicate', text, trialCount: 2 * missing },
    };
  }
  const verdict = compared.verdict === 'better' ? 'helps' : compared.verdict === 'worse' ? 'hurts' : 'not-told-apart';
  const what = verdict === 'not-told-apart' ? 'makes no difference that these pairs show' : verdict;
  const next =
    verdict === 'not-told-apart'
      ? ({ action: 'replicate', text: 'as many pairs again', trialCount: 2 * whole.length } as const)
      : ({
          action: verdict === 'helps' ? 'adopt' : 'keep',
          text:
            verdict === 'helps'
              ? `keep the ${showList(schedules)} schedule, and tune its peak and its end`
              : 'keep the constant rate',
        } as const);
  return {
    ...base,
    verdict,
    status: verdict === 'not-told-apart' || rest !== '' ? 'caution' : 'pass',
    reason: `decay (${showList(schedules)}) ${what}: ${effect >= 0 ? '+' : ''}${showNumber(effect)} [${showNumber(interval[0])}, ${showNumber(interval[1])}] over ${showCount(whole.length, 'pair')}${rest}`,
    next,
  };
}

function valueOf({ state, bestValue }: SeededTrial): number | null {
  return state === 'COMPLETED' && bestValue !== null && Number.isFinite(bestValue) ? bestValue : null;
}

/** A value of the hyperparameter `schedule`, whatever branch it stands in; unstated is constant. */
function scheduleOf(values: Values): string {
  const name = Object.keys(values).find((one) => leafOf(one) === 'schedule');
  return name === undefined ? 'constant' : String(values[name]);
}

/** What must be equal in a pair: seed, fold, and all values but the schedule's. */
function keyOf({ seed, fold, values }: SeededTrial, scheduleHyperparameters: readonly string[]): string {
  const rest = Object.entries(values)
    .map(([name, value]) => [leafOf(name), value] as const)
    .filter(([leaf]) => !scheduleHyperparameters.includes(leaf))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([seed, fold ?? null, rest]);
}

function leafOf(name: string): string {
  return name.includes('/') ? parseName(name).leaf : name;
}
