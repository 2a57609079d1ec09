/**
 * How long a warm-up must be (Deep Learning Tuning Playbook, "How can optimization failures be debugged and mitigated?", learning rate
 * warmup; practices 111 and 113): a template, which proposes the sweep and judges its finished trials.
 *
 *   rate     ten times the one at which training becomes unstable
 *   lengths  10, 100, 1,000, ... steps, none above a tenth of the training; followed by at least twice as many at the rate. All are
 *            trained as long as the longest needs: within a study the length does not vary
 *   chosen   the shortest that is stable; it is put before the training, which it lengthens: 10,000 and 1,000 make 11,000
 *
 * A warm-up above a twentieth of the training asks for a longer training. It is tuned apart from the decay.
 */
import { InputError, type Values } from '@kinetune/study';
import type { Check, NextStep } from './check.ts';
import type { MeasuredCurve } from './measured-curve.ts';
import { trainingStability, type STABILITY_THRESHOLDS } from './training-stability.ts';
import { showCount, showNumber, showShare } from './wording.ts';

export const WARMUP_FINDER_THRESHOLDS = {
  /** The sweep's rate over the unstable one. */
  rateFactor: 10,
  shortestSteps: 10,
  /** Steps at the rate after the warm-up, over the warm-up's. */
  afterWarmup: 2,
  /** The longest warm-up, as a part of the training. */
  longestPart: 0.1,
  /** A warm-up above this part of the training asks for a longer one. */
  lengthenPart: 0.05,
} as const;
type Limits = Readonly<Record<keyof typeof WARMUP_FINDER_THRESHOLDS, number>>;

export interface WarmupSweep {
  /** What to hold: the configuration that is to be made stable, by leaf or full name. */
  readonly configuration: Values;
  /** The lowest learning rate at which it is unstable. */
  readonly unstableRate: number;
  /** Its training, in optimizer steps. */
  readonly maxSteps: number;
  /** Optimizer steps of an epoch: the warm-up is a hyperparameter in epochs. */
  readonly stepsPerEpoch: number;
  readonly thresholds?: Partial<Limits>;
}

export interface WarmupProbe {
  readonly warmupSteps: number;
  readonly values: Values;
}

/**
 * The sweep, shortest first.
 * @throws InputError for a training too short for a warm-up of ten steps.
 */
export function warmupProbes({
  configuration,
  unstableRate,
  maxSteps,
  stepsPerEpoch,
  thresholds,
}: WarmupSweep): readonly WarmupProbe[] {
  const limits = { ...WARMUP_FINDER_THRESHOLDS, ...thresholds };
  const longest = Math.floor(limits.longestPart * maxSteps);
  if (longest < limits.shortestSteps) {
    throw new InputError(
      'warmup-training-too-short',
      `expected a training of at least ${Math.ceil(limits.shortestSteps / limits.longestPart)} steps, a warm-up of ${limits.shortestSteps} steps being at most ${showShare(limits.longestPart)} of it; got ${maxSteps}`,
    );
  }
  const lengths: number[] = [];
  for (let steps = limits.shortestSteps; steps <= longest; steps *= 10) lengths.push(steps);
  // The longest that is allowed closes the sweep, unless it is hardly longer than the last decade.
  if (longest >= 2 * (lengths.at(-1) as number)) lengths.push(longest);
  return lengths.map((warmupSteps) => ({
    warmupSteps,
    values: {
      ...configuration,
      [rateName(configuration)]: limits.rateFactor * unstableRate,
      schedule: 'constant',
      warmupEpochs: warmupSteps / stepsPerEpoch,
    },
  }));
}

/** The sweep as a next study: a list of configurations. */
export function warmupFinder(sweep: WarmupSweep): NextStep {
  const probes = warmupProbes(sweep);
  const { afterWarmup } = { ...WARMUP_FINDER_THRESHOLDS, ...sweep.thresholds };
  const longest = probes.at(-1)?.warmupSteps ?? 0;
  const rate = probes[0]?.values[rateName(sweep.configuration)] as number;
  return {
    action: 'warm-up',
    text: `train at ${showNumber(rate)} with warm-ups of ${probes.map(({ warmupSteps }) => warmupSteps).join(', ')} steps, each followed by at least twice as many, and take the shortest that is stable`,
    configurations: probes.map(({ values }) => values),
    trialCount: probes.length,
    trainingSteps: longest * (1 + afterWarmup),
  };
}

export interface WarmupNumbers {
  readonly probes: readonly {
    readonly warmupSteps: number;
    readonly trial: number;
    readonly isStable: boolean | null;
    readonly largestRise: number | null;
  }[];
  readonly warmupSteps: number | null;
  /** The training with the warm-up put before it, lengthened further where the warm-up is a large part. */
  readonly totalSteps: number | null;
  readonly warmupShare: number | null;
}

export const WARMUP_VERDICTS = ['found', 'lengthen-training', 'none-stable', 'too-few'] as const;
export type WarmupFound = Check<(typeof WARMUP_VERDICTS)[number], WarmupNumbers>;

export interface WarmupJudging {
  readonly maxSteps: number;
  readonly thresholds?: Partial<Limits>;
  readonly stabilityThresholds?: Partial<Record<keyof typeof STABILITY_THRESHOLDS, number>>;
}

/** @param runs the finished trials of the sweep with their warm-ups. */
export function judgeWarmups(
  runs: readonly { readonly warmupSteps: number; readonly trial: MeasuredCurve }[],
  { maxSteps, thresholds, stabilityThresholds = {} }: WarmupJudging,
): WarmupFound {
  const limits = { ...WARMUP_FINDER_THRESHOLDS, ...thresholds };
  const probes = [...runs]
    .sort((a, b) => a.warmupSteps - b.warmupSteps)
    .map(({ warmupSteps, trial }) => {
      const judged = trainingStability(trial, { thresholds: stabilityThresholds });
      return {
        warmupSteps,
        trial: trial.number,
        isStable: judged?.isStable ?? null,
        largestRise: judged?.largestRise ?? null,
      };
    });
  const base = { trials: probes.map(({ trial }) => trial) };
  const none = { probes, warmupSteps: null, totalSteps: null, warmupShare: null };
  const judged = probes.filter(({ isStable }) => isStable !== null);
  if (judged.length === 0) {
    const reason = 'no trial of the sweep has a training loss';
    return { ...base, verdict: 'too-few', status: 'not-known', reason, numbers: none, next: null };
  }
  // Stable by luck below a longer one that is not: the shortest from which on all are stable.
  const lastUnstable = judged.findLastIndex(({ isStable }) => isStable === false);
  const chosen = judged[lastUnstable + 1];
  if (chosen === undefined) {
    return {
      ...base,
      verdict: 'none-stable',
      status: 'fail',
      reason: `of ${showCount(judged.length, 'warm-up')}, up to ${judged.at(-1)?.warmupSteps ?? 0} steps, none is stable`,
      numbers: none,
      next: { action: 'clip-gradients', text: 'clip gradients too, at the 90th percentile of their norm' },
    };
  }
  const { warmupSteps } = chosen;
  const isLarge = warmupSteps > limits.lengthenPart * maxSteps;
  const totalSteps = isLarge ? Math.ceil(warmupSteps / limits.lengthenPart) + warmupSteps : maxSteps + warmupSteps;
  const numbers = { probes, warmupSteps, totalSteps, warmupShare: warmupSteps / maxSteps };
  const reason = `${showCount(warmupSteps, 'step')} of warm-up are the shortest that is stable (${showShare(warmupSteps / maxSteps)} of ${maxSteps} steps)`;
  const text = `warm up over ${warmupSteps} steps and train for ${totalSteps} in all; compare with the training without by the best step of each`;
  const next = { action: 'warm-up', text, trainingSteps: totalSteps } as const;
  return isLarge
    ? {
        ...base,
        verdict: 'lengthen-training',
        status: 'caution',
        reason: `${reason}: more than ${showShare(limits.lengthenPart)}, so the training is lengthened`,
        numbers,
        next,
      }
    : { ...base, verdict: 'found', status: 'pass', reason, numbers, next };
}

/** The learning rate as the configuration names it. */
function rateName(configuration: Values): string {
  return Object.keys(configuration).find((name) => name.split('/').at(-1) === 'learningRate') ?? 'learningRate';
}
