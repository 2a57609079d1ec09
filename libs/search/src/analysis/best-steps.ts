/**
 * Is the number of training steps right? From where in training the best steps lie (Deep Learning Tuning Playbook, "Deciding how
 * long to train when training is not compute-bound" and "... is compute-bound"; practices 60, 61, 82, 84, 85).
 *
 *   always in the first 10 %            far too many steps
 *   consistently in the last 25 %       train longer, and tune the decay again
 *
 * "Always" and "consistently" are shares of the trials looked at, which are the best ones: a configuration that trains badly
 * says little about how long a good one needs. Compute-bound means that the validation metric was still gaining at the end: its
 * last steps are the best for most of them. The step of the best value of a noisy plateau is chance, so a best step is credited
 * to the first step within noise of it where that is known (`firstGoodStep`).
 */
import type { Direction } from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import type { Check } from './check.ts';
import { rankTrials, topCount } from './rank-trials.ts';
import { median } from './statistics/moments.ts';
import { showCount, showShare } from './wording.ts';

export const BEST_STEP_THRESHOLDS = {
  /** The Playbook's zones, as parts of training. */
  early: 0.1,
  late: 0.75,
  /** Shares of trials that make "always" and "consistently". */
  alwaysShare: 0.9,
  consistentlyShare: 0.7,
  /** Still improving: the best step is within this part of training of the last. */
  lastPart: 0.05,
  /** Shorter training is proposed to this many times what the slowest of the best needed. */
  stepsMargin: 1.25,
  /** Longer training is proposed by this factor. */
  lengthenBy: 2,
  fewestTrials: 5,
  histogramBins: 10,
} as const;

/** A trial with where its best lies. */
export interface SteppedTrial extends AnalysedTrial {
  /** Of the objective's best value; null where it has none. */
  readonly bestStep: number | null;
  /** The length it was to train for. */
  readonly totalSteps: number | null;
  /** The first evaluated step whose value is within noise of the best; the best step where that is not known. */
  readonly firstGoodStep?: number | null;
}

export interface BestStepNumbers {
  /** Trials by the part of training at which their best lies; the last bin holds the end. */
  readonly histogram: readonly { readonly from: number; readonly to: number; readonly trials: readonly number[] }[];
  readonly medianPart: number | null;
  readonly earlyShare: number | null;
  readonly lateShare: number | null;
  /** Share whose best lies within the last part: still improving. */
  readonly stillImprovingShare: number | null;
  readonly isComputeBound: boolean | null;
  readonly trialCount: number;
  /** A length to train for, by these trials; null where the present one is right or nothing is known. */
  readonly proposedSteps: number | null;
}

export const BEST_STEP_VERDICTS = ['right', 'far-too-long', 'longer-than-needed', 'too-short', 'too-few'] as const;
export type BestSteps = Check<(typeof BEST_STEP_VERDICTS)[number], BestStepNumbers>;

export interface BestStepOptions {
  readonly direction: Direction;
  /** Trials looked at: the best of this share, at least `fewestTrials`; 1 looks at all. */
  readonly topShare?: number;
  readonly thresholds?: Partial<Record<keyof typeof BEST_STEP_THRESHOLDS, number>>;
}

/** `trials` of the check are those looked at, best first. */
export function bestSteps(trials: readonly SteppedTrial[], options: BestStepOptions): BestSteps {
  const limits = { ...BEST_STEP_THRESHOLDS, ...options.thresholds };
  const { direction, topShare = 0.5 } = options;
  const located = rankTrials(trials, direction).flatMap(
    ({ number, bestStep, firstGoodStep, totalSteps }): readonly Located[] => {
      if (bestStep === null || totalSteps === null || totalSteps <= 0) return [];
      const step = firstGoodStep ?? bestStep;
      return [{ number, step, part: Math.min(step / totalSteps, 1), totalSteps }];
    },
  );
  const count = Math.max(Math.ceil(topShare * located.length), Math.min(limits.fewestTrials, located.length));
  const seen = located.slice(0, Math.max(count, topCount(located.length)));
  const shareOf = (is: (trial: Located) => boolean): number | null =>
    seen.length === 0 ? null : seen.filter(is).length / seen.length;
  const earlyShare = shareOf(({ part }) => part <= limits.early);
  const lateShare = shareOf(({ part }) => part >= limits.late);
  const stillImprovingShare = shareOf(({ part }) => part >= 1 - limits.lastPart);
  const histogram = Array.from({ length: limits.histogramBins }, (_, bin) => ({
    from: bin / limits.histogramBins,
    to: (bin + 1) / limits.histogramBins,
    trials: seen
      .filter(({ part }) => Math.min(Math.floor(part * limits.histogramBins), limits.histogramBins - 1) === bin)
      .map(({ number }) => number),
  }));
  const numbers = (proposedSteps: number | null): BestStepNumbers => ({
    histogram,
    medianPart: seen.length === 0 ? null : median(seen.map(({ part }) => part)),
    earlyShare,
    lateShare,
    stillImprovingShare,
    isComputeBound: stillImprovingShare === null ? null : stillImprovingShare >= 0.5,
    trialCount: seen.length,
    proposedSteps,
  });
  const behind = seen.map(({ number }) => number);
  if (earlyShare === null || lateShare === null || seen.length < limits.fewestTrials) {
    const reason = `${showCount(seen.length, 'trial')} with a best step: at least ${limits.fewestTrials} are needed`;
    return { verdict: 'too-few', status: 'not-known', reason, numbers: numbers(null), trials: behind, next: null };
  }
  const totalSteps = Math.max(...seen.map((trial) => trial.totalSteps));
  const slowest = Math.max(...seen.map(({ part }) => part));
  const shorter = Math.ceil(limits.stepsMargin * slowest * totalSteps);
  const of = `of the ${seen.length} best trials`;
  if (lateShare >= limits.consistentlyShare) {
    const proposed = Math.round(limits.lengthenBy * totalSteps);
    const bound = (stillImprovingShare ?? 0) >= 0.5 ? '; most were still improving: compute-bound' : '';
    return {
      verdict: 'too-short',
      status: 'caution',
      reason: `${showShare(lateShare)} ${of} are best in the last ${showShare(1 - limits.late)} of training${bound}`,
      numbers: numbers(proposed),
      trials: behind,
      next: { action: 'train-longer', text: `train for about ${proposed} steps and tune the decay again` },
    };
  }
  if (earlyShare >= limits.alwaysShare) {
    return {
      verdict: 'far-too-long',
      status: 'caution',
      reason: `${showShare(earlyShare)} ${of} are best in the first ${showShare(limits.early)} of training`,
      numbers: numbers(shorter),
      trials: behind,
      next: { action: 'train-shorter', text: `train for about ${shorter} steps, and look for overfitting first` },
    };
  }
  if (shorter < 0.75 * totalSteps) {
    return {
      verdict: 'longer-than-needed',
      status: 'pass',
      reason: `the slowest ${of} is as good at ${showShare(slowest)} of training as it gets`,
      numbers: numbers(shorter),
      trials: behind,
      next: { action: 'train-shorter', text: `${shorter} steps would do; when in doubt, keep the longer training` },
    };
  }
  const middle = showShare(median(seen.map(({ part }) => part)));
  const reason = `the best steps ${of} lie at ${middle} of training in the median, ${showShare(lateShare)} in its last ${showShare(1 - limits.late)}`;
  return { verdict: 'right', status: 'pass', reason, numbers: numbers(null), trials: behind, next: null };
}

interface Located {
  readonly number: number;
  readonly step: number;
  readonly part: number;
  readonly totalSteps: number;
}
