/**
 * What a change of the pipeline makes stale (Deep Learning Tuning Playbook, "Changing the batch size requires re-tuning most
 * hyperparameters" and "Deciding how long to train"; practices 15 and 88): values of the fixed hyperparameters before and after, by what they
 * do to training.
 */
import { parseName, type FixedHyperparameter, type HyperparameterValue, type Kind } from '@kinetune/study';
import type { Check } from './check.ts';
import { showList } from './wording.ts';

/** What may no longer hold. */
export const STALE_SUBJECTS = ['optimizer', 'regularisation', 'steps', 'warm-up'] as const;
export type StaleSubject = (typeof STALE_SUBJECTS)[number];

export interface StaleConclusion {
  readonly changed: string;
  readonly before: HyperparameterValue | null;
  readonly after: HyperparameterValue | null;
  readonly subject: StaleSubject;
  /** Whether more or fewer steps are to be expected; null where it can be either. */
  readonly stepsNeeded: 'more' | 'fewer' | null;
  readonly why: string;
}

export const STALE_VERDICTS = ['current', 'stale'] as const;
export type StaleConclusions = Check<(typeof STALE_VERDICTS)[number], readonly StaleConclusion[]>;

type Rule = Omit<StaleConclusion, 'changed' | 'before' | 'after'>;

const BY_KIND: Readonly<Record<Kind, readonly Rule[]>> = {
  batch: [
    { subject: 'optimizer', stepsNeeded: null, why: 'learning rate, momentum and betas go with the batch size' },
    { subject: 'regularisation', stepsNeeded: null, why: 'a larger batch may need more regularisation' },
    { subject: 'steps', stepsNeeded: null, why: 'gradient noise goes with the batch size' },
  ],
  regulariser: [{ subject: 'steps', stepsNeeded: null, why: 'regularisation slows training' }],
  augmentation: [{ subject: 'steps', stepsNeeded: null, why: 'augmentation adds gradient noise' }],
  optimizer: [
    { subject: 'steps', stepsNeeded: null, why: 'a better optimizer needs fewer steps' },
    { subject: 'warm-up', stepsNeeded: null, why: 'what is stable depends on the optimizer' },
  ],
  schedule: [{ subject: 'steps', stepsNeeded: null, why: 'a better schedule needs fewer steps' }],
  architecture: [
    { subject: 'optimizer', stepsNeeded: null, why: 'another model has another best learning rate' },
    { subject: 'steps', stepsNeeded: null, why: 'another model trains at another speed' },
  ],
  initialisation: [{ subject: 'warm-up', stepsNeeded: null, why: 'how training begins has changed' }],
  steps: [{ subject: 'optimizer', stepsNeeded: null, why: 'a decay is tuned for its length' }],
};

/** Values that switch a regulariser or augmentation off. */
const OFF: ReadonlySet<HyperparameterValue> = new Set<HyperparameterValue>([0, false, 'none', 'off']);

/** @param before held by the study whose conclusions are asked about; `after` by the next one. One that only one side holds counts as changed. */
export function staleConclusions(
  before: readonly FixedHyperparameter[],
  after: readonly FixedHyperparameter[],
): StaleConclusions {
  const [old, now] = [byName(before), byName(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].filter(
    (name) => old.get(name)?.value !== now.get(name)?.value,
  );
  const found = names.flatMap((changed): readonly StaleConclusion[] => {
    const [from, to] = [old.get(changed), now.get(changed)];
    const kind = (to ?? from)?.kind as Kind;
    const [a, b] = [from?.value ?? null, to?.value ?? null];
    return BY_KIND[kind].map((rule) => ({
      ...rule,
      changed,
      before: a,
      after: b,
      stepsNeeded: rule.subject === 'steps' ? direction(kind, a, b) : null,
    }));
  });
  const base = { numbers: found, trials: [] };
  if (found.length === 0) {
    const reason = 'nothing that earlier conclusions rest on has changed';
    return { ...base, verdict: 'current', status: 'pass', reason, next: null };
  }
  const subjects = STALE_SUBJECTS.filter((one) => found.some(({ subject }) => subject === one));
  const changes = names.map((name) => {
    const [a, b] = [old.get(name)?.value, now.get(name)?.value];
    return `${name} ${String(a ?? 'unstated')} -> ${String(b ?? 'unstated')}`;
  });
  return {
    ...base,
    verdict: 'stale',
    status: 'caution',
    reason: `${showList(changes)}: what was concluded about ${showList(subjects)} may not hold`,
    next: { action: 're-tune', text: `tune ${showList(subjects)} again` },
  };
}

function byName(fixed: readonly FixedHyperparameter[]): ReadonlyMap<string, FixedHyperparameter> {
  return new Map(fixed.map((one) => [parseName(one.name).leaf, one]));
}

/** More noise in the gradient asks for more steps (practice 88). */
function direction(
  kind: Kind,
  before: HyperparameterValue | null,
  after: HyperparameterValue | null,
): 'more' | 'fewer' | null {
  if (kind !== 'batch' && kind !== 'augmentation' && kind !== 'regulariser') return null;
  const strength = (value: HyperparameterValue | null): number | null =>
    typeof value === 'number' ? value : value === null || OFF.has(value) ? 0 : null;
  const [a, b] = [strength(before), strength(after)];
  if (kind === 'batch')
    return before === null || after === null || a === null || b === null ? null : b < a ? 'more' : 'fewer';
  if (a === null || b === null) return a === 0 ? 'more' : b === 0 ? 'fewer' : null;
  return b > a ? 'more' : 'fewer';
}
