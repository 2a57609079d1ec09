/**
 * Does instability limit training? (Deep Learning Tuning Playbook, "Identifying unstable workloads"; practice 106.) lr* is the best
 * trial's learning rate; where training breaks just above it, a larger rate would help if only it were stable. A study's own trials say so
 * as far as they were drawn there; the stability probe is the study that looks on purpose, 1.5, 2, 5 and 10 times above, the early probe
 * the short one that evaluates every step (practice 109).
 */
import { parseName, type Direction, type Values } from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import type { Check, NextStep } from './check.ts';
import type { CurveFinding } from './checklist.ts';
import type { MeasuredCurve } from './measured-curve.ts';
import { rankTrials } from './rank-trials.ts';
import { trainingStability } from './training-stability.ts';
import { showNumber, showShare } from './wording.ts';

export const STABILITY_LIMIT_THRESHOLDS = {
  /** Rates up to this many times lr* are just above it. */
  reach: 10,
  fewestAbove: 3,
  /** The share of unstable trials just above lr* that says that instability limits training. */
  unstableShare: 0.5,
  /** And by how much it must exceed the share up to lr*. */
  shareRise: 0.25,
} as const;

/** Multiples of lr* at which the probe trains. */
export const STABILITY_PROBE_FACTORS = [1, 1.5, 2, 5, 10] as const;
/** Steps of the early probe, and how far above the best rate it trains. */
export const EARLY_PROBE = { steps: 500, factor: 2 } as const;

export interface StabilityLimitNumbers {
  /** The name of the learning rate of the best trial's branch. */
  readonly learningRate: string | null;
  readonly bestRate: number | null;
  /** Trials just above lr* and up to it, in the best trial's branch, and the unstable ones among them. */
  readonly above: readonly number[];
  readonly unstableAbove: readonly number[];
  readonly upTo: readonly number[];
  readonly unstableUpTo: readonly number[];
}

export const STABILITY_LIMIT_VERDICTS = ['limited', 'not-limited', 'not-probed'] as const;
export type StabilityLimit = Check<(typeof STABILITY_LIMIT_VERDICTS)[number], StabilityLimitNumbers>;

export interface StabilityLimitOptions {
  readonly direction: Direction;
  /** Curves of trials without a finding, judged by `trainingStability`: those of a probe. */
  readonly measured?: readonly MeasuredCurve[];
  readonly findings?: readonly CurveFinding[] | null;
  readonly thresholds?: Partial<Record<keyof typeof STABILITY_LIMIT_THRESHOLDS, number>>;
}

/** Also judges the trials of a stability probe. `trials` of the check are those just above lr*. */
export function stabilityLimit(
  trials: readonly AnalysedTrial[],
  { direction, measured = [], findings = null, thresholds }: StabilityLimitOptions,
): StabilityLimit {
  const limits = { ...STABILITY_LIMIT_THRESHOLDS, ...thresholds };
  const best = rankTrials(trials, direction)[0];
  const name =
    best === undefined ? undefined : Object.keys(best.values).find((one) => parseName(one).leaf === 'learningRate');
  const bestRate = name === undefined ? null : (best?.values[name] as number);
  const rates = trials.flatMap((trial) => {
    const rate = name === undefined ? undefined : trial.values[name];
    const isJudged = trial.state === 'COMPLETED' || trial.state === 'PRUNED' || trial.state === 'INFEASIBLE';
    return typeof rate === 'number' && isJudged ? [{ ...trial, rate }] : [];
  });
  const above = rates.filter(({ rate }) => bestRate !== null && rate > bestRate && rate <= limits.reach * bestRate);
  const upTo = rates.filter(({ rate }) => bestRate !== null && rate <= bestRate);
  const curves = new Map(measured.map((curve) => [curve.number, curve]));
  const diagnosed = new Set((findings ?? []).map(({ trial }) => trial));
  const broken = new Set(
    (findings ?? []).filter((one) => one.isOptimisation && one.status !== 'pass').map(({ trial }) => trial),
  );
  const isUnstable = ({ number, state, reasonCode }: AnalysedTrial): boolean => {
    if (state === 'INFEASIBLE') return reasonCode === undefined || reasonCode === null || reasonCode === 'diverged';
    if (diagnosed.has(number)) return broken.has(number);
    const curve = curves.get(number);
    return curve !== undefined && trainingStability(curve)?.isStable === false;
  };
  const numbersOf = (some: readonly AnalysedTrial[]): readonly number[] => some.map(({ number }) => number);
  const numbers: StabilityLimitNumbers = {
    learningRate: name ?? null,
    bestRate,
    above: numbersOf(above),
    unstableAbove: numbersOf(above.filter(isUnstable)),
    upTo: numbersOf(upTo),
    unstableUpTo: numbersOf(upTo.filter(isUnstable)),
  };
  const base = { numbers, trials: numbers.above };
  if (name === undefined || bestRate === null || best === undefined) {
    const reason = 'no trial with a value has a learning rate that was searched';
    return { ...base, verdict: 'not-probed', status: 'not-known', reason, next: null };
  }
  if (above.length < limits.fewestAbove) {
    return {
      ...base,
      verdict: 'not-probed',
      status: 'not-known',
      reason: `${above.length} trials have a learning rate up to ${limits.reach} times above the best one's ${showNumber(bestRate)}: at least ${limits.fewestAbove} are needed to see whether training breaks there`,
      next: stabilityProbe(best.values, { trial: best.number }),
    };
  }
  const shareAbove = numbers.unstableAbove.length / above.length;
  const shareUpTo = numbers.unstableUpTo.length / upTo.length;
  const seen = `of ${above.length} trials with up to ${limits.reach} times the best learning rate ${showNumber(bestRate)}, ${showShare(shareAbove)} broke, up to it ${showShare(shareUpTo)}`;
  if (shareAbove >= limits.unstableShare && shareAbove - shareUpTo >= limits.shareRise) {
    return {
      ...base,
      verdict: 'limited',
      status: 'caution',
      reason: `${seen}: instability limits training`,
      next: {
        action: 'stabilise',
        text: 'try warm-up first where it breaks early, then gradient clipping, and search larger learning rates again',
      },
    };
  }
  return { ...base, verdict: 'not-limited', status: 'pass', reason: seen, next: null };
}

/** Practice 106: the best configuration at lr* and above it. */
export function stabilityProbe(
  best: Values,
  { trial, factors = STABILITY_PROBE_FACTORS }: { readonly trial?: number; readonly factors?: readonly number[] } = {},
): NextStep {
  const configurations = factors.map((factor) => withRate(best, factor));
  return {
    action: 'probe',
    text: `train the best configuration at ${factors.map(showNumber).join(', ')} times its learning rate and compare the training losses`,
    configurations,
    trialCount: configurations.length,
    ...(trial === undefined ? {} : { trial }),
  };
}

/** Practice 109: sparse evaluations hide an early instability. */
export function earlyProbe(best: Values, { trial }: { readonly trial?: number } = {}): NextStep {
  return {
    action: 'probe',
    text: `train the best configuration at ${EARLY_PROBE.factor} times its learning rate for ${EARLY_PROBE.steps} steps, looking at the training loss of every step`,
    configurations: [withRate(best, EARLY_PROBE.factor)],
    trialCount: 1,
    trainingSteps: EARLY_PROBE.steps,
    ...(trial === undefined ? {} : { trial }),
  };
}

function withRate(values: Values, factor: number): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      parseName(name).leaf === 'learningRate' && typeof value === 'number' ? value * factor : value,
    ]),
  );
}
