/**
 * A first length of training (Deep Learning Tuning Playbook, "Deciding how long to train when training is not compute-bound", algorithm
 * for picking an initial candidate for max_train_steps; practices 86 and 87): a template, which proposes the sweep and judges its
 * finished trials. Constant learning rates, no regularisation, no augmentation; the steps of the fastest trial that fits the training
 * windows perfectly. Where the best rate is at the end of the sweep, a faster one may lie beyond: nothing is proposed but a wider sweep.
 */
import type { FloatDomain, Values } from '@kinetune/study';
import { valueFromUnit } from '@kinetune/study';
import type { Check, NextStep } from './check.ts';
import { valuesOf, type MeasuredCurve } from './measured-curve.ts';
import { widenedDomain } from './widened-domain.ts';
import { showCount, showNumber, showShare } from './wording.ts';

export const STEPS_FINDER_THRESHOLDS = {
  /** Training accuracy from which the fit counts as perfect. */
  perfectFit: 0.999,
  rates: 8,
  /** Of the sweep, in widths of its own scale. */
  widenBy: 0.5,
  /** Longer training is proposed by this factor where nothing fits. */
  lengthenBy: 2,
} as const;
type Limits = Readonly<Record<keyof typeof STEPS_FINDER_THRESHOLDS, number>>;

/** Regularisers and augmentations of the built-in models at the value that switches them off, by leaf name. */
export const UNREGULARISED: Values = {
  weightDecay: 0,
  dropout: 0,
  embeddingDropout: 0,
  labelSmoothing: 0,
  averageWeights: 0,
  classWeights: 'none',
  jitter: 0,
  scaling: 0,
  rotationDegrees: 0,
  timeWarp: 0,
  magnitudeWarp: 0,
  permutationPieces: 1,
  shift: 0,
  channelDrop: 0,
  mixup: 0,
};

export interface StepsSweep {
  /** Rates between its ends, evenly in its scale. */
  readonly learningRates: FloatDomain;
  /** Of each trial, in optimizer steps. */
  readonly trainingSteps: number;
  /** What the model reads: names of `UNREGULARISED` that it lacks are left out. All where not stated. */
  readonly hyperparameters?: readonly string[];
  readonly thresholds?: Partial<Limits>;
}

/** The sweep as a next study. */
export function stepsFinder({ learningRates, trainingSteps, hyperparameters, thresholds }: StepsSweep): NextStep {
  const { rates } = { ...STEPS_FINDER_THRESHOLDS, ...thresholds };
  const switchedOff = Object.fromEntries(
    Object.entries(UNREGULARISED).filter(([name]) => hyperparameters?.includes(name) !== false),
  );
  const configurations = Array.from({ length: rates }, (_, i): Values => ({
    learningRate: valueFromUnit(learningRates, rates === 1 ? 0.5 : i / (rates - 1)),
  }));
  return {
    action: 'probe',
    text: `train ${rates} constant learning rates from ${showNumber(learningRates.minimum)} to ${showNumber(learningRates.maximum)} without regularisation or augmentation for ${trainingSteps} steps each, and take the steps of the fastest perfect fit`,
    configurations,
    fixed: { ...switchedOff, schedule: 'constant', warmupEpochs: 0 },
    trialCount: rates,
    trainingSteps,
  };
}

export interface StepsFinderNumbers {
  /** By rising rate: the first step with a perfect fit, and the best training accuracy. */
  readonly runs: readonly {
    readonly trial: number;
    readonly learningRate: number;
    readonly perfectStep: number | null;
    readonly bestFit: number | null;
  }[];
  readonly steps: number | null;
  readonly bestRate: number | null;
}

export const STEPS_FINDER_VERDICTS = ['found', 'rate-at-edge', 'no-perfect-fit', 'too-few'] as const;
export type StepsFound = Check<(typeof STEPS_FINDER_VERDICTS)[number], StepsFinderNumbers>;

/** @param runs the finished trials of the sweep, those that diverged too. `trials` of the check are they, by rising rate. */
export function judgeSteps(
  runs: readonly { readonly learningRate: number; readonly trial: MeasuredCurve }[],
  { learningRates, trainingSteps, thresholds }: Omit<StepsSweep, 'hyperparameters'>,
): StepsFound {
  const limits = { ...STEPS_FINDER_THRESHOLDS, ...thresholds };
  const judged = [...runs]
    .sort((a, b) => a.learningRate - b.learningRate)
    .map(({ learningRate, trial }) => {
      const fits = trial.state === 'INFEASIBLE' ? [] : valuesOf(trial, 'trainAccuracy');
      return {
        trial: trial.number,
        learningRate,
        perfectStep: fits.find(({ value }) => value >= limits.perfectFit)?.step ?? null,
        bestFit: fits.length === 0 ? null : Math.max(...fits.map(({ value }) => value)),
      };
    });
  const base = { trials: judged.map(({ trial }) => trial) };
  const none = { runs: judged, steps: null, bestRate: null };
  if (judged.filter(({ bestFit }) => bestFit !== null).length < 3) {
    const reason = 'fewer than three trials of the sweep have a training accuracy';
    return { ...base, verdict: 'too-few', status: 'not-known', reason, numbers: none, next: null };
  }
  const isBefore = (a: number | null, b: number | null): boolean => a !== null && (b === null || a < b);
  // By the first perfect fit; where none is, by the closest.
  const fastest = judged.reduce((best, one) => {
    if (isBefore(one.perfectStep, best.perfectStep)) return one;
    return best.perfectStep === null && one.perfectStep === null && (one.bestFit ?? 0) > (best.bestFit ?? 0)
      ? one
      : best;
  });
  const index = judged.indexOf(fastest);
  const numbers = { runs: judged, steps: fastest.perfectStep, bestRate: fastest.learningRate };
  const edge = index === 0 ? 'lower' : index === judged.length - 1 ? 'upper' : null;
  if (edge !== null) {
    const wider = widenedDomain(learningRates, edge, { by: limits.widenBy });
    return {
      ...base,
      verdict: 'rate-at-edge',
      status: 'fail',
      reason: `the fastest learning rate, ${showNumber(fastest.learningRate)}, is the ${edge} end of the sweep: a faster one may lie beyond`,
      numbers: { ...numbers, steps: null },
      next: {
        ...stepsFinder({
          learningRates: wider?.type === 'float' ? wider : learningRates,
          trainingSteps,
          thresholds: limits,
        }),
        action: 'widen-space',
      },
    };
  }
  if (fastest.perfectStep === null) {
    const longer = limits.lengthenBy * trainingSteps;
    return {
      ...base,
      verdict: 'no-perfect-fit',
      status: 'caution',
      reason: `no learning rate fits the training windows perfectly in ${trainingSteps} steps, the closest ${showShare(fastest.bestFit ?? 0)} at ${showNumber(fastest.learningRate)}`,
      numbers,
      next: { ...stepsFinder({ learningRates, trainingSteps: longer, thresholds: limits }), action: 'train-longer' },
    };
  }
  const fitting = judged.filter(({ perfectStep }) => perfectStep !== null).length;
  return {
    ...base,
    verdict: 'found',
    status: 'pass',
    reason: `${showCount(fitting, 'learning rate')} of ${judged.length} fit the training windows perfectly, ${showNumber(fastest.learningRate)} first, after ${fastest.perfectStep} steps`,
    numbers,
    next: {
      action: 'keep',
      text: `begin with ${fastest.perfectStep} steps; more are needed with regularisation, augmentation or a smaller batch`,
      trainingSteps: fastest.perfectStep,
    },
  };
}
