/**
 * Which instability is it, and what helps, in the Playbook's order ("How can optimization failures be debugged and mitigated?"; practices
 * 107 and 110): early, before warm-up ends or in the first twentieth of training, asks for warm-up; any asks for gradient clipping;
 * then another optimizer; then where normalisation stands, x + f(Norm(x)) and never Norm(x + f(x)), and residual branches that start at
 * zero; a lower learning rate last.
 */
import { parseName, type HyperparameterValue, type Space } from '@kinetune/study';
import type { Check, NextStep } from './check.ts';
import type { CurveFinding } from './checklist.ts';
import type { MeasuredCurve } from './measured-curve.ts';
import { trainingStability } from './training-stability.ts';
import { showCount } from './wording.ts';

export const INSTABILITY_THRESHOLDS = {
  /** The first part of training, in which an instability is early. */
  early: 0.05,
} as const;

export interface InstabilityNumbers {
  readonly early: readonly number[];
  readonly midTraining: readonly number[];
  /** Unstable, but when is not known. */
  readonly undated: readonly number[];
  /** Every remedy that is left to try, in order. */
  readonly remedies: readonly NextStep[];
  readonly normalisation: NormPlacement;
}

/** pre: x + f(Norm(x)). post: Norm(x + f(x)). */
export const NORM_PLACEMENTS = ['pre', 'post', 'not-stated'] as const;
export type NormPlacement = (typeof NORM_PLACEMENTS)[number];

export const INSTABILITY_VERDICTS = ['stable', 'early', 'mid-training', 'both', 'not-known'] as const;
export type InstabilityRemedies = Check<(typeof INSTABILITY_VERDICTS)[number], InstabilityNumbers>;

export interface InstabilityOptions {
  readonly findings?: readonly CurveFinding[] | null;
  readonly measured?: readonly MeasuredCurve[];
  readonly thresholds?: Partial<Record<keyof typeof INSTABILITY_THRESHOLDS, number>>;
}

/** `trials` of the check are the unstable ones. A finding's label says early or late where the diagnosis tells them apart. */
export function instabilityRemedies(
  space: Space,
  { findings = null, measured = [], thresholds }: InstabilityOptions,
): InstabilityRemedies {
  const limits = { ...INSTABILITY_THRESHOLDS, ...thresholds };
  const classes = new Map<number, 'early' | 'midTraining' | 'undated'>();
  for (const { trial, label, isOptimisation, status } of findings ?? []) {
    if (!isOptimisation || status === 'pass') continue;
    const dated = /early/.test(label) ? 'early' : /late|mid/.test(label) ? 'midTraining' : 'undated';
    if (dated !== 'undated' || !classes.has(trial)) classes.set(trial, dated);
  }
  const diagnosed = new Set((findings ?? []).map(({ trial }) => trial));
  for (const trial of measured) {
    // A curve that was diagnosed is looked at again only for when it became unstable.
    if (diagnosed.has(trial.number) && !classes.has(trial.number)) continue;
    if ((classes.get(trial.number) ?? 'undated') !== 'undated') continue;
    const judged = trainingStability(trial);
    if (judged === null || judged.isStable || judged.unstableStep === null) continue;
    const total = trial.totalSteps ?? (trial.state === 'INFEASIBLE' ? null : (trial.steps.at(-1) ?? null));
    const isEarly = total === null ? null : judged.unstableStep <= Math.max(limits.early * total, warmupEnd(trial));
    classes.set(trial.number, isEarly === null ? 'undated' : isEarly ? 'early' : 'midTraining');
  }
  const inClass = (wanted: 'early' | 'midTraining' | 'undated'): readonly number[] =>
    [...classes].filter(([, one]) => one === wanted).map(([trial]) => trial);
  const [early, midTraining, undated] = [inClass('early'), inClass('midTraining'), inClass('undated')];
  const normalisation = normPlacement(space);
  const isKnown = (findings !== null && findings.length > 0) || measured.length > 0;
  const remedies = classes.size === 0 ? [] : remediesFor(space, { isEarly: early.length > 0, normalisation });
  const numbers: InstabilityNumbers = { early, midTraining, undated, remedies, normalisation };
  const base = { numbers, trials: [...classes.keys()] };
  if (!isKnown) {
    const reason = 'no curve was looked at: whether training is stable is not known';
    return { ...base, verdict: 'not-known', status: 'not-known', reason, next: null };
  }
  if (classes.size === 0)
    return { ...base, verdict: 'stable', status: 'pass', reason: 'no training looked at was unstable', next: null };
  const when = [
    ...(early.length > 0 ? [`${early.length} early`] : []),
    ...(midTraining.length > 0 ? [`${midTraining.length} in mid-training`] : []),
    ...(undated.length > 0 ? [`${undated.length} at a time not known`] : []),
  ].join(', ');
  return {
    ...base,
    verdict:
      early.length > 0 && midTraining.length > 0
        ? 'both'
        : early.length > 0
          ? 'early'
          : midTraining.length > 0
            ? 'mid-training'
            : 'not-known',
    status: early.length + midTraining.length === 0 ? 'not-known' : 'caution',
    reason: `${showCount(classes.size, 'training')} became unstable: ${when}${normalisation === 'post' ? '; normalisation stands after the residual sum, which is hard to train' : ''}`,
    next: remedies[0] ?? null,
  };
}

/** The last step at which the learning rate had never been as high before it began to fall; 0 without a measured rise. */
function warmupEnd({ steps, values }: MeasuredCurve): number {
  const rates = values['learningRate'] ?? [];
  let at = 0;
  while (at + 1 < rates.length && (rates[at + 1] ?? 0) > (rates[at] ?? Infinity)) at += 1;
  return at === 0 ? 0 : (steps[at] ?? 0);
}

function remediesFor(
  space: Space,
  { isEarly, normalisation }: { readonly isEarly: boolean; readonly normalisation: NormPlacement },
): readonly NextStep[] {
  const isOff = (leaf: string): boolean => {
    const held = space.fixed.find(({ name }) => parseName(name).leaf === leaf);
    return held === undefined || held.value === 0;
  };
  const isSearched = (leaf: string): boolean => space.hyperparameters.some(({ name }) => parseName(name).leaf === leaf);
  return [
    ...(isEarly
      ? [
          {
            action: 'warm-up',
            text: `${isSearched('warmupEpochs') || !isOff('warmupEpochs') ? 'lengthen the warm-up' : 'warm the learning rate up'}: the warm-up finder sweeps its length`,
          } as const,
        ]
      : []),
    {
      action: 'clip-gradients',
      text: `${isOff('clipNorm') && !isSearched('clipNorm') ? 'clip gradients' : 'clip gradients tighter'} at the 90th percentile of their norm`,
    },
    { action: 'change-optimizer', text: 'try another optimizer, with its own learning rate tuned' },
    {
      action: 'change-architecture',
      text:
        normalisation === 'post'
          ? 'normalise before each residual branch, x + f(Norm(x)), never after the sum'
          : 'let residual branches start at zero (ReZero), normalised before the branch',
    },
    { action: 'lower-learning-rate', text: 'lower the learning rate, where nothing else helped' },
  ];
}

/** What the space says of where normalisation stands: a hyperparameter `normPlacement` (or `preNorm`, `postNorm`), held or searched. */
export function normPlacement({ fixed, hyperparameters }: Space): NormPlacement {
  const stated = [
    ...fixed.map(({ name, value }) => [parseName(name).leaf, [value]] as const),
    ...hyperparameters.map(
      ({ name, domain }) => [parseName(name).leaf, domain.type === 'categorical' ? domain.choices : []] as const,
    ),
  ];
  const placements = stated.flatMap(([leaf, values]) => values.flatMap((value) => placementOf(leaf, value)));
  if (placements.includes('post')) return 'post';
  return placements.includes('pre') ? 'pre' : 'not-stated';
}

function placementOf(leaf: string, value: HyperparameterValue): readonly NormPlacement[] {
  if (leaf === 'preNorm') return [value === true ? 'pre' : 'post'];
  if (leaf === 'postNorm') return [value === true ? 'post' : 'pre'];
  if (leaf !== 'normPlacement') return [];
  return value === 'pre' || value === 'post' ? [value] : [];
}
