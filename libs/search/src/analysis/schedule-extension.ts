/**
 * A schedule for more steps (Deep Learning Tuning Playbook, "Deciding how long to train when training is compute-bound", Round 2;
 * practice 89c): a linear decay keeps its length, the constant part before it grows; a cosine keeps its peak and is stretched. The pitfall
 * is to spend the new steps at a rate too small to learn by.
 */
import { InputError, learningRates, type LearningRateSchedule } from '@kinetune/study';
import type { Check } from './check.ts';
import { showShare } from './wording.ts';

export const SCHEDULE_EXTENSION_THRESHOLDS = {
  /** A rate below this part of the peak is too small to learn much by. */
  smallRate: 0.01,
  /** More than this share of the new steps at such a rate is wasted. */
  wastedShare: 0.2,
} as const;

export interface ScheduleExtensionNumbers {
  /** The rate of each step. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Of the added steps, those below the small rate: steps that the extended schedule has there more than the old one. */
  readonly wastedShare: number;
  /** Whether a schedule of the study file's kinds gives these rates: a linear decay after a constant part is none. */
  readonly isAStudyFileSchedule: boolean;
}

export const SCHEDULE_EXTENSION_VERDICTS = ['fine', 'wasted-steps'] as const;
export type ScheduleExtension = Check<(typeof SCHEDULE_EXTENSION_VERDICTS)[number], ScheduleExtensionNumbers>;

export interface ScheduleExtensionOptions {
  readonly totalSteps: number;
  readonly thresholds?: Partial<Record<keyof typeof SCHEDULE_EXTENSION_THRESHOLDS, number>>;
}

/** @throws InputError for a length that is no longer. */
export function extendSchedule(
  schedule: LearningRateSchedule,
  { totalSteps, thresholds }: ScheduleExtensionOptions,
): ScheduleExtension {
  if (!Number.isInteger(totalSteps) || totalSteps <= schedule.totalSteps) {
    throw new InputError(
      'schedule-not-extended',
      `expected more than the schedule's ${schedule.totalSteps} steps, a whole number, got ${totalSteps}`,
    );
  }
  return judgeExtension(schedule, { after: extendedRates(schedule, totalSteps), thresholds: thresholds ?? {} });
}

/** The same judgement of rates that somebody else proposes, one for each step. */
export function judgeExtension(
  schedule: LearningRateSchedule,
  {
    after,
    thresholds,
  }: { readonly after: readonly number[]; readonly thresholds?: ScheduleExtensionOptions['thresholds'] },
): ScheduleExtension {
  const limits = { ...SCHEDULE_EXTENSION_THRESHOLDS, ...thresholds };
  const before = [...learningRates(schedule, 0, schedule.totalSteps)];
  const small = (rates: readonly number[]): number =>
    rates.filter((rate) => rate < limits.smallRate * schedule.peak).length;
  const added = after.length - before.length;
  const wastedShare = Math.max(0, small(after) - small(before)) / added;
  const numbers = { before, after, wastedShare, isAStudyFileSchedule: schedule.kind !== 'linear' };
  const how =
    schedule.kind === 'linear'
      ? 'the decay keeps its length, the constant part before it grows'
      : schedule.kind === 'constant'
        ? 'the rate stays'
        : 'the peak stays, the decay is stretched';
  const wasted = `${showShare(wastedShare)} of the ${added} added steps are below ${showShare(limits.smallRate)} of the peak`;
  return wastedShare > limits.wastedShare
    ? {
        verdict: 'wasted-steps',
        status: 'caution',
        reason: `${wasted}: too small to learn by`,
        numbers,
        trials: [],
        next: {
          action: 're-tune',
          text: 'lengthen the part at a high rate, not the end of the decay',
          trainingSteps: after.length,
        },
      }
    : { verdict: 'fine', status: 'pass', reason: `${how}; ${wasted}`, numbers, trials: [], next: null };
}

function extendedRates(schedule: LearningRateSchedule, totalSteps: number): readonly number[] {
  const { kind, warmupSteps, peak, halfPeriodSteps } = schedule;
  if (kind === 'cosine-periodic' && halfPeriodSteps !== undefined) {
    // As many waves as before.
    const stretch = (totalSteps - warmupSteps) / (schedule.totalSteps - warmupSteps);
    const stretched = { ...schedule, totalSteps, halfPeriodSteps: halfPeriodSteps * stretch };
    return [...learningRates(stretched, 0, totalSteps)];
  }
  if (kind !== 'linear') return [...learningRates({ ...schedule, totalSteps }, 0, totalSteps)];
  const old = [...learningRates(schedule, 0, schedule.totalSteps)];
  const constant = Array.from({ length: totalSteps - schedule.totalSteps }, () => peak);
  return [...old.slice(0, warmupSteps), ...constant, ...old.slice(warmupSteps)];
}
