/**
 * Does the learning rate decay, and was that tuned? (Deep Learning Tuning Playbook, FAQ "What's the best learning rate decay schedule?"
 * and "... default"; practices 103 and 105.) Some non-constant schedule matters more than which; linear or cosine decay are the defaults;
 * a complicated one from a paper fits that paper's other hyperparameters: what can be copied is how it was found.
 */
import { parseName, valueCount, type HyperparameterValue, type Space } from '@kinetune/study';
import type { Check } from './check.ts';
import { showList } from './wording.ts';

export const SCHEDULE_NOTE =
  'Never copy a complicated schedule from a paper: it was fitted to other hyperparameters. Copy how it was found.';

export interface ScheduleAdviceNumbers {
  /** Schedules that the space holds or searches; empty where it states none. */
  readonly schedules: readonly string[];
  /** Hyperparameters of the schedule that are searched, by full name. */
  readonly tuned: readonly string[];
  readonly note: string;
}

export const SCHEDULE_ADVICE_VERDICTS = ['tuned', 'not-tuned', 'constant', 'complicated', 'not-known'] as const;
export type ScheduleAdvice = Check<(typeof SCHEDULE_ADVICE_VERDICTS)[number], ScheduleAdviceNumbers>;

/** @param defaults of the model's hyperparameters that the space does not name, by leaf name. */
export function scheduleAdvice(
  space: Space,
  { defaults = {} }: { readonly defaults?: Readonly<Record<string, HyperparameterValue>> } = {},
): ScheduleAdvice {
  const searched = space.hyperparameters.filter(({ name }) => parseName(name).leaf === 'schedule');
  const held = space.fixed.filter(({ name }) => parseName(name).leaf === 'schedule');
  const stated = [
    ...searched.flatMap(({ domain }) => (domain.type === 'categorical' ? domain.choices : [])),
    ...held.map(({ value }) => value),
  ].map(String);
  const schedules = [
    ...new Set(stated.length === 0 && 'schedule' in defaults ? [String(defaults['schedule'])] : stated),
  ];
  const tuned = space.hyperparameters
    .filter(({ kind, name, domain }) => valueCount(domain) > 1 && (kind === 'schedule' || isPeak(name)))
    .map(({ name }) => name);
  const numbers: ScheduleAdviceNumbers = { schedules, tuned, note: SCHEDULE_NOTE };
  const base = { numbers, trials: [] };
  const domains = { schedule: { type: 'categorical', choices: ['linear', 'cosine'] } } as const;
  if (schedules.length === 0) {
    const reason = 'the space does not say how the learning rate moves';
    return { ...base, verdict: 'not-known', status: 'not-known', reason, next: null };
  }
  const decaying = schedules.filter((schedule) => schedule !== 'constant');
  if (decaying.length === 0) {
    const text = 'let the learning rate decay, linearly or by a cosine, and tune its peak';
    const reason = 'the learning rate is constant: a decay is nearly always better';
    return { ...base, verdict: 'constant', status: 'caution', reason, next: { action: 're-tune', text, domains } };
  }
  const complicated = decaying.filter((schedule) => schedule !== 'linear' && schedule !== 'cosine');
  if (complicated.length === decaying.length) {
    const reason = `${showList(complicated)} instead of a linear or cosine decay: worth it only where it was compared with one here`;
    const text = 'compare it with linear and cosine decay on the same configurations';
    return { ...base, verdict: 'complicated', status: 'caution', reason, next: { action: 're-tune', text, domains } };
  }
  if (tuned.length === 0) {
    const text = 'tune the peak learning rate with the schedule on';
    const reason = `${showList(decaying)} decay, none of whose hyperparameters is searched`;
    return { ...base, verdict: 'not-tuned', status: 'caution', reason, next: { action: 're-tune', text } };
  }
  return {
    ...base,
    verdict: 'tuned',
    status: 'pass',
    reason: `${showList(decaying)} decay, of which ${showList(tuned)} ${tuned.length === 1 ? 'is' : 'are'} searched`,
    next: null,
  };
}

function isPeak(name: string): boolean {
  return parseName(name).leaf === 'learningRate';
}
