/**
 * Is training limited by its length? (Deep Learning Tuning Playbook, "Deciding how long to train when training is / is not
 * compute-bound" and "Examining the training curves"; practices 60, 61, 82, 89d.) Read from the curves of the best trials: those that still
 * improve at the end, and whose training loss still falls, would gain by more steps; those as good as they get long before it would
 * not miss what is cut.
 */
import type { Direction } from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import type { Check } from './check.ts';
import { firstGoodStep, lateOf } from './curve-noise.ts';
import type { MeasuredCurve } from './measured-curve.ts';
import { rankTrials, topCount } from './rank-trials.ts';
import { fitLine } from './statistics/line-fit.ts';
import { median } from './statistics/moments.ts';
import { showShare } from './wording.ts';

export const COMPUTE_BOUND_THRESHOLDS = {
  /** The part of training, from its end, whose slope is looked at. */
  lastPart: 0.2,
  fewestEvaluations: 4,
  fewestTrials: 3,
  /** A slope is one where chance gives as steep a one less often. */
  slopeP: 0.05,
  /** The share of the best trials that must still improve. */
  mostShare: 0.5,
  /** Reached before this part of the training: saturated. */
  saturatedPart: 0.5,
} as const;

export interface ComputeBoundNumbers {
  /** Best trials whose objective still improves at the end, and whose training loss still falls there. */
  readonly improving: readonly number[];
  readonly trainLossFalling: readonly number[];
  /** Where, as a part of training, each comes within noise of its best: the median. */
  readonly medianGoodPart: number | null;
  readonly trialCount: number;
}

export const COMPUTE_BOUND_VERDICTS = ['compute-bound', 'not-compute-bound', 'saturated', 'too-few'] as const;
export type ComputeBound = Check<(typeof COMPUTE_BOUND_VERDICTS)[number], ComputeBoundNumbers>;

export interface ComputeBoundOptions {
  readonly metric: string;
  readonly direction: Direction;
  readonly measured: readonly MeasuredCurve[];
  readonly thresholds?: Partial<Record<keyof typeof COMPUTE_BOUND_THRESHOLDS, number>>;
}

/** `trials` of the check are the best ones whose curves were read, best first: the top tenth, five at least. */
export function computeBound(
  trials: readonly AnalysedTrial[],
  { metric, direction, measured, thresholds }: ComputeBoundOptions,
): ComputeBound {
  const limits = { ...COMPUTE_BOUND_THRESHOLDS, ...thresholds };
  const ranked = rankTrials(trials, direction);
  const curves = new Map(measured.map((curve) => [curve.number, curve]));
  const seen = ranked
    .slice(0, Math.max(5, topCount(ranked.length)))
    .flatMap(({ number }) => curves.get(number) ?? [])
    .filter((curve) => lateOf(curve, { metric, lastPart: limits.lastPart }).length >= limits.fewestEvaluations);
  const isRising = (curve: MeasuredCurve, name: string, sign: 1 | -1): boolean => {
    const late = lateOf(curve, { metric: name, lastPart: limits.lastPart });
    const fit = fitLine(
      late.map(({ step }) => step),
      late.map(({ value }) => sign * value),
    );
    return fit !== null && fit.pRising <= limits.slopeP;
  };
  const improving = seen.filter((curve) => isRising(curve, metric, direction === 'maximise' ? 1 : -1));
  const falling = seen.filter((curve) => isRising(curve, 'trainLoss', -1));
  const goodParts = seen.flatMap((curve) => {
    const step = firstGoodStep(curve, { metric, direction });
    return step === null ? [] : [step / (curve.totalSteps ?? curve.steps.at(-1) ?? step)];
  });
  const medianGoodPart = goodParts.length === 0 ? null : median(goodParts);
  const numbers: ComputeBoundNumbers = {
    improving: improving.map(({ number }) => number),
    trainLossFalling: falling.map(({ number }) => number),
    medianGoodPart,
    trialCount: seen.length,
  };
  const base = { numbers, trials: seen.map(({ number }) => number) };
  if (seen.length < limits.fewestTrials || medianGoodPart === null) {
    const reason = `${seen.length} of the best trials have ${limits.fewestEvaluations} evaluations in the last ${showShare(limits.lastPart)} of training: ${limits.fewestTrials} are needed`;
    return { ...base, verdict: 'too-few', status: 'not-known', reason, next: null };
  }
  const counted = `${improving.length} of the ${seen.length} best trials still improve at the end, the training loss of ${falling.length} still falls`;
  if (improving.length >= limits.mostShare * seen.length) {
    return {
      ...base,
      verdict: 'compute-bound',
      status: 'caution',
      reason: `${counted}: training is compute-bound, and its decay must be tuned the better the shorter it is`,
      next: {
        action: 'train-longer',
        text: 'train the few best configurations for twice the steps, and tune the decay again',
        trialCount: 3,
        configurations: ranked.slice(0, 3).map(({ values }) => values),
        trainingSteps: 2 * Math.max(...seen.map(({ totalSteps, steps }) => totalSteps ?? (steps.at(-1) as number))),
      },
    };
  }
  if (medianGoodPart <= limits.saturatedPart) {
    const longest = Math.max(...goodParts);
    const total = Math.max(...seen.map(({ totalSteps, steps }) => totalSteps ?? (steps.at(-1) as number)));
    const shorter = Math.ceil(Math.min(1, 1.25 * longest) * total);
    return {
      ...base,
      verdict: 'saturated',
      status: 'pass',
      reason: `${counted}; within noise of their best at ${showShare(medianGoodPart)} of training in the median`,
      next:
        shorter >= total
          ? null
          : { action: 'train-shorter', text: `about ${shorter} steps would do`, trainingSteps: shorter },
    };
  }
  const reason = `${counted}: not compute-bound; within noise of their best at ${showShare(medianGoodPart)} of training in the median`;
  return { ...base, verdict: 'not-compute-bound', status: 'pass', reason, next: null };
}
