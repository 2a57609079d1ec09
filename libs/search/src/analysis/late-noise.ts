/**
 * Does the metric still jump at the end of training by more than the best configurations differ? (Deep Learning Tuning Playbook,
 * "Examining the training curves"; practices 58, 59 and 95.) Then the order of the best is luck of the last evaluations. What to do is
 * ordered by the likeliest cause:
 *
 *   few validation windows   sqrt(p (1 - p) / n): what n windows cannot resolve, however the training goes
 *   a rate still high        the last learning rate against the highest
 *   variance of the batches  what is left: a larger batch, or averaged weights
 */
import type { Direction } from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import type { Check, NextStep } from './check.ts';
import { lateNoiseOf } from './curve-noise.ts';
import { valuesOf, type MeasuredCurve } from './measured-curve.ts';
import { rankTrials } from './rank-trials.ts';
import { mean, median } from './statistics/moments.ts';
import { showNumber, showShare } from './wording.ts';

export const LATE_NOISE_THRESHOLDS = {
  /** The part of training, from its end, that is late. */
  lastPart: 0.25,
  fewestEvaluations: 5,
  /** Best trials looked at, and how many of them must have a curve. */
  topTrials: 5,
  fewestTrials: 2,
  /** A last learning rate above this part of the highest is not decayed. */
  undecayed: 0.1,
  /** The part of the noise that the windows alone explain for them to be named first. */
  windowsPart: 0.5,
} as const;

export interface LateNoiseNumbers {
  /** Of one late evaluation, the median over the best trials, in the metric's unit. */
  readonly lateSd: number | null;
  /** Between the best and the second best. */
  readonly gap: number | null;
  readonly validationWindows: number | null;
  /** Of a share as large as the best value on so many windows; null for a metric that is no share. */
  readonly binomialSd: number | null;
  /** The last learning rate over the highest, the median over the best trials. */
  readonly lastRateShare: number | null;
  /** Whether the validation windows resolve the gap: it is at least their 95 % half width. */
  readonly doWindowsResolveGap: boolean | null;
  /** Causes, the likeliest first. */
  readonly remedies: readonly NextStep[];
}

export const LATE_NOISE_VERDICTS = ['quiet', 'noisier-than-gap', 'too-few'] as const;
export type LateNoise = Check<(typeof LATE_NOISE_VERDICTS)[number], LateNoiseNumbers>;

export interface LateNoiseOptions {
  readonly metric: string;
  readonly direction: Direction;
  readonly measured: readonly MeasuredCurve[];
  readonly validationWindows?: number | null;
  readonly thresholds?: Partial<Record<keyof typeof LATE_NOISE_THRESHOLDS, number>>;
}

/** `trials` of the check are the best ones whose curves were read, best first. */
export function lateNoise(
  trials: readonly AnalysedTrial[],
  { metric, direction, measured, validationWindows = null, thresholds }: LateNoiseOptions,
): LateNoise {
  const limits = { ...LATE_NOISE_THRESHOLDS, ...thresholds };
  const ranked = rankTrials(trials, direction);
  const curves = new Map(measured.map((curve) => [curve.number, curve]));
  const found = ranked.slice(0, limits.topTrials).flatMap(({ number }) => {
    const curve = curves.get(number);
    const sd =
      curve === undefined
        ? null
        : lateNoiseOf(curve, { metric, lastPart: limits.lastPart, fewest: limits.fewestEvaluations });
    return curve === undefined || sd === null ? [] : [{ number, sd, rateShare: rateShareOf(curve) }];
  });
  const [best, second] = [ranked[0]?.bestValue ?? null, ranked[1]?.bestValue ?? null];
  const gap = best === null || second === null ? null : Math.abs(best - second);
  const lateSd = found.length === 0 ? null : median(found.map(({ sd }) => sd));
  const rateShares = found.flatMap(({ rateShare }) => rateShare ?? []);
  const isShare = best !== null && best >= 0 && best <= 1 && direction === 'maximise';
  const binomialSd =
    validationWindows === null || validationWindows === 0 || !isShare
      ? null
      : Math.sqrt((best * (1 - best)) / validationWindows);
  const lastRateShare = rateShares.length === 0 ? null : mean(rateShares);
  const numbers: LateNoiseNumbers = {
    lateSd,
    gap,
    validationWindows,
    binomialSd,
    lastRateShare,
    doWindowsResolveGap: binomialSd === null || gap === null ? null : gap >= 1.96 * binomialSd,
    remedies: remediesOf({ lateSd, binomialSd, lastRateShare }, limits),
  };
  const base = { numbers, trials: found.map(({ number }) => number) };
  if (lateSd === null || gap === null || found.length < limits.fewestTrials) {
    const reason = `${found.length} of the best trials have ${limits.fewestEvaluations} evaluations in the last ${showShare(limits.lastPart)} of training: ${limits.fewestTrials} are needed`;
    return { ...base, verdict: 'too-few', status: 'not-known', reason, next: null };
  }
  const windows =
    binomialSd === null
      ? ''
      : `; ${validationWindows} validation windows resolve about ${showNumber(1.96 * binomialSd)}, fewer where people's windows are alike`;
  const seen = `late noise ±${showNumber(lateSd)}, ${showNumber(gap)} between the two best${windows}`;
  if (lateSd <= gap) return { ...base, verdict: 'quiet', status: 'pass', reason: seen, next: null };
  return {
    ...base,
    verdict: 'noisier-than-gap',
    status: 'caution',
    reason: `${seen}: the order of the best is not told by these evaluations`,
    next: numbers.remedies[0] ?? null,
  };
}

/** The last learning rate over the highest; null where it was not measured. */
function rateShareOf(curve: MeasuredCurve): number | null {
  const rates = valuesOf(curve, 'learningRate').map(({ value }) => value);
  const highest = Math.max(...rates);
  return rates.length < 2 || highest <= 0 ? null : (rates.at(-1) as number) / highest;
}

function remediesOf(
  { lateSd, binomialSd, lastRateShare }: Pick<LateNoiseNumbers, 'lateSd' | 'binomialSd' | 'lastRateShare'>,
  { windowsPart, undecayed }: Readonly<Record<'windowsPart' | 'undecayed', number>>,
): readonly NextStep[] {
  const windows = {
    action: 'reduce-noise',
    text: 'validate on more people or on all folds: the validation windows alone explain most of the noise',
  } as const;
  const decay = {
    action: 're-tune',
    text: 'let the learning rate decay to zero (cosine or linear)',
    domains: { schedule: { type: 'categorical', choices: ['linear', 'cosine'] } },
  } as const;
  const rest = [
    {
      action: 'reduce-noise',
      text: 'average the weights over the last steps',
      domains: { averageWeights: { type: 'categorical', choices: [0, 0.99, 0.999] } },
    },
    { action: 'reduce-noise', text: 'train with a larger batch, and tune the optimizer again' },
  ] as const;
  const areWindowsFew = lateSd !== null && binomialSd !== null && binomialSd ** 2 >= windowsPart * lateSd ** 2;
  const isUndecayed = lastRateShare !== null && lastRateShare > undecayed;
  return [...(areWindowsFew ? [windows] : []), ...(isUndecayed ? [decay] : []), ...rest];
}
