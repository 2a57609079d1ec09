/**
 * Should a change be adopted? (Deep Learning Tuning Playbook, "Determining whether to adopt a training pipeline change or
 * hyperparameter configuration"; practice 75.) Better than the baseline, both retrain and study variance accounted for, and by
 * enough to pay for what it adds. Certainty is not asked for; the person decides.
 *
 *   P(better)             from the replicates alone: would a retrain of the two come out this way?
 *   P(better) of a search study variance s of each searched side joined to the standard error: t = effect / sqrt(se^2 + sum s^2);
 *                         would two such searches come out this way?
 */
import type { Check } from './check.ts';
import { compareReplicates, type Comparison, type ComparisonOptions } from './compare-replicates.ts';
import type { ComplexityDelta } from './complexity.ts';
import type { Run } from './replicates.ts';
import { studentCdf } from './statistics/distributions.ts';
import { showList, showNumber, showShare } from './wording.ts';

export const ADOPTION_THRESHOLDS = {
  /** Of being better, with both variances. */
  probability: 0.9,
  /** Below it the change is turned down; between the two, more seeds. */
  hopeless: 0.5,
  /** What each added part must gain, in standard errors of the effect (ours). */
  gainPerPartInStandardErrors: 0.5,
} as const;

export interface AdoptionNumbers {
  readonly comparison: Comparison['numbers'];
  readonly probabilityBetter: number | null;
  /** With study variance; equal to `probabilityBetter` where neither side was searched or it is not known. */
  readonly probabilityBetterOfSearch: number | null;
  readonly studyVarianceCounted: boolean;
  readonly complexity: ComplexityDelta | null;
  /** What the added parts must gain, in the objective's unit. */
  readonly neededGain: number | null;
}

export const ADOPTION_VERDICTS = ['adopt', 'more-seeds', 'keep-baseline', 'too-few'] as const;
export type AdoptionCard = Check<(typeof ADOPTION_VERDICTS)[number], AdoptionNumbers>;

export interface AdoptionOptions extends Pick<ComparisonOptions, 'direction'> {
  /** Standard deviation of a search's best; left out or null for a side that was not searched. */
  readonly studySd?: { readonly candidate?: number | null; readonly baseline?: number | null };
  readonly complexity?: ComplexityDelta;
  readonly thresholds?: Partial<Record<keyof typeof ADOPTION_THRESHOLDS, number>>;
  readonly comparisonThresholds?: ComparisonOptions['thresholds'];
}

export function adoptionCard(
  candidate: readonly Run[],
  baseline: readonly Run[],
  options: AdoptionOptions,
): AdoptionCard {
  const limits = { ...ADOPTION_THRESHOLDS, ...options.thresholds };
  const { direction, studySd = {}, complexity = null, comparisonThresholds } = options;
  const compared = compareReplicates(candidate, baseline, {
    direction,
    ...(comparisonThresholds === undefined ? {} : { thresholds: comparisonThresholds }),
  });
  const { effect, standardError, degrees, probabilityBetter } = compared.numbers;
  const studyVariance = (studySd.candidate ?? 0) ** 2 + (studySd.baseline ?? 0) ** 2;
  const ofSearch =
    effect === null || standardError === null || degrees === null || studyVariance === 0
      ? probabilityBetter
      : studentCdf(effect / Math.sqrt(standardError ** 2 + studyVariance), degrees);
  const neededGain =
    standardError === null
      ? null
      : Math.max(complexity?.parts ?? 0, 0) * limits.gainPerPartInStandardErrors * standardError;
  const numbers: AdoptionNumbers = {
    comparison: compared.numbers,
    probabilityBetter,
    probabilityBetterOfSearch: ofSearch,
    studyVarianceCounted: studyVariance > 0,
    complexity,
    neededGain,
  };
  const base = { numbers, trials: compared.trials };
  if (effect === null || ofSearch === null || neededGain === null)
    return { ...base, verdict: 'too-few', status: 'not-known', reason: compared.reason, next: compared.next };
  const cost = complexity === null ? 'complexity not stated' : showCost(complexity);
  const variance = studyVariance > 0 ? 'study variance counted' : 'study variance not counted';
  const shown = `P(better) = ${showShare(ofSearch)} (${variance}), effect ${effect >= 0 ? '+' : ''}${showNumber(effect)}, ${cost}`;
  if (ofSearch >= limits.probability && effect >= neededGain) {
    const next = { action: 'adopt', text: 'adopt it as the best configuration, with this card as evidence' } as const;
    return { ...base, verdict: 'adopt', status: 'pass', reason: shown, next };
  }
  if (ofSearch >= limits.probability) {
    const reason = `${shown}: not enough for what it adds, which should gain ${showNumber(neededGain)}`;
    const next = { action: 'keep', text: 'keep the simpler baseline, or decide that the gain is worth it' } as const;
    return { ...base, verdict: 'keep-baseline', status: 'caution', reason, next };
  }
  if (ofSearch > limits.hopeless) {
    const trialCount = candidate.length + baseline.length;
    const next = { action: 'replicate', text: 'train both with as many seeds again', trialCount } as const;
    return { ...base, verdict: 'more-seeds', status: 'caution', reason: shown, next };
  }
  const next = { action: 'keep', text: 'keep the baseline' } as const;
  return { ...base, verdict: 'keep-baseline', status: 'pass', reason: shown, next };
}

function showCost({ added, removed, weightRatio }: ComplexityDelta): string {
  const parts = [
    ...(added.length === 0 ? [] : [`adds ${showList(added)}`]),
    ...(removed.length === 0 ? [] : [`removes ${showList(removed)}`]),
    ...(weightRatio === null || Math.abs(weightRatio - 1) < 0.01
      ? []
      : [`${showNumber(weightRatio)} times the weights`]),
  ];
  return parts.length === 0 ? 'no more complex' : parts.join(', ');
}
