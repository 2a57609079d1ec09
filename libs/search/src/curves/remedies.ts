/**
 * What the Playbook advises for what a curve shows, in its order (Deep Learning Tuning Playbook, "Examining the training curves" and
 * "How can optimization failures be debugged and mitigated?"). Advice follows the roles of a study: what is being compared is not
 * advised away (practice 56).
 */
import { parseName, type Kind, type Role, type Values } from '@kinetune/study';
import type { NextStep } from '../analysis/check.ts';
import { quantile } from '../analysis/statistics/moments.ts';
import { showNumber, showShare } from '../analysis/wording.ts';
import type { CurveLabel } from './curve-label.ts';
import type { Sighting } from './curve-sighting.ts';

/** What a hyperparameter is and is for, tuned or fixed. */
export interface AdvisedHyperparameter {
  readonly name: string;
  readonly kind: Kind;
  readonly role: Role;
}

export interface RemedyContext {
  readonly trial: number;
  readonly hyperparameters: readonly AdvisedHyperparameter[];
  /** The configuration by full or leaf name. */
  readonly values: Values;
  readonly lastEpoch: number;
  /** Learning rate at the end as a share of its highest; null where it was not measured. */
  readonly finalRateShare: number | null;
  /** Mean share of clipped steps, and gradient norms of parts of epochs; null and empty where they were not measured. */
  readonly clippedShare: number | null;
  readonly gradientNorms: readonly number[];
}

/** Clipping more than this share of the steps is extremely aggressive (practice 112): the learning rate is the place to look. */
const MOST_CLIPPED = 0.5;
/** The gradient norm's quantile that a first clipping threshold is taken from (practice 112). */
const CLIP_QUANTILE = 0.9;

export function remediesFor(label: CurveLabel, sighting: Sighting, context: RemedyContext): readonly NextStep[] {
  const steps = REMEDIES[label](context, sighting);
  return steps.map((step) => ({ ...step, trial: context.trial }));
}

const REMEDIES: Readonly<
  Record<CurveLabel, (context: RemedyContext, sighting: Sighting) => readonly Omit<NextStep, 'trial'>[]>
> = {
  overfitting: (context) => {
    if (isScientific(context, 'regulariser'))
      return [
        {
          action: 'keep',
          text: 'regularisation is what this study compares: overfitting is part of the answer, compare the best evaluations',
        },
      ];
    const more = ['dropout', 'labelSmoothing', 'weightDecay'].map((name) => moreOf(context, name));
    const augment = isScientific(context, 'augmentation')
      ? []
      : [
          {
            action: 'regularise' as const,
            text: 'then augmentation: rotation, scaling, jitter of the training windows',
          },
        ];
    return [...more, ...augment];
  },
  'late-noise': (context, { numbers }) => {
    const decay = {
      action: 'change-space',
      text: 'let the learning rate decay to almost nothing (linear or cosine)',
    } as const;
    const steps = [
      {
        action: 'reduce-noise',
        text: 'a larger batch, tuning the optimizer and regularisation again with it',
        isShown: false,
      },
      {
        action: 'reduce-noise',
        text: 'more validation windows: what is seen is little more than their binomial error',
        // The validation set explains it where the noise is about its own error.
        isShown: (numbers['scoreSd'] ?? Infinity) <= 1.5 * (numbers['binomialError'] ?? 0),
      },
      { ...decay, isShown: (context.finalRateShare ?? 0) > 0.1 },
      { action: 'reduce-noise', text: 'average the weights over the last steps (averageWeights)', isShown: false },
    ] as const;
    const isScheduleCompared = isScientific(context, 'schedule');
    const kept = steps.filter(({ text }) => !(isScheduleCompared && text === decay.text));
    // Causes that the curve itself shows come first, the rest in the Playbook's order.
    return [...kept.filter(({ isShown }) => isShown), ...kept.filter(({ isShown }) => !isShown)].map(
      ({ action, text }) => ({ action, text }),
    );
  },
  'still-improving': ({ lastEpoch }) => [
    {
      action: 'train-longer',
      text: `train longer, about ${Math.ceil(2 * lastEpoch)} epochs, and tune the decay again`,
    },
    { action: 'change-space', text: 'or another schedule, whose rate is not too small for too long' },
    { action: 're-tune', text: 'if longer is too dear: rounds of growing length, the decay tuned to the short one' },
  ],
  saturated: (_, { numbers }) => [
    {
      action: 'train-shorter',
      text: `${Math.ceil(1.5 * (numbers['reachedEpoch'] ?? 1))} epochs would do; when in doubt, keep the longer training`,
    },
  ],
  'rising-train-loss': () => [
    {
      action: 'look-for-bug',
      text: 'look for a bug before any tuning: the labels, the data pipeline, the schedule, the sign of the loss',
    },
  ],
  periodic: () => [
    {
      action: 'look-for-bug',
      text: 'check that training windows are shuffled anew each epoch, across people and activities',
    },
    {
      action: 'look-for-bug',
      text: 'check that training and validation share no people, recordings or overlapping windows',
    },
  ],
  'spikes-early': (context) => stabilise(context, 'early'),
  'spikes-late': (context) => stabilise(context, 'late'),
  collapsed: (context) => [
    { action: 'look-for-bug', text: 'check inputs (are they standardised, not all zero), labels and class weights' },
    ...stabilise(context, 'early'),
  ],
};

/** Practice 110: warm-up for early instability; clipping for both; another optimizer; the architecture; a lower rate last. */
function stabilise(context: RemedyContext, time: 'early' | 'late'): readonly Omit<NextStep, 'trial'>[] {
  const lower = { action: 'lower-learning-rate', text: 'last of all, lower the learning rate' } as const;
  const steps: Omit<NextStep, 'trial'>[] = [];
  if (time === 'early')
    steps.push({
      action: 'warm-up',
      text: 'warm up longer: the shortest that is stable, at most 10 % of training, put in front of it',
    });
  if (context.clippedShare !== null && context.clippedShare > MOST_CLIPPED) {
    steps.push({
      action: 'lower-learning-rate',
      text: `${showShare(context.clippedShare)} of the steps are clipped already: lower the learning rate instead of clipping more`,
    });
    return steps;
  }
  const norms = [...context.gradientNorms].sort((a, b) => a - b);
  const at =
    norms.length === 0
      ? ''
      : ` at ${showNumber(quantile(norms, CLIP_QUANTILE))}, the 90th percentile of the gradient norm`;
  steps.push({ action: 'clip-gradients', text: `clip gradients${at}; tighten it if that is not enough` });
  if (!isScientific(context, 'optimizer', ['optimizer']))
    steps.push({ action: 'change-optimizer', text: 'try another optimizer' });
  if (!isScientific(context, 'architecture'))
    steps.push({
      action: 'change-architecture',
      text: 'residual connections x + f(Norm(x)), never Norm(x + f(x)), or normalisation where there is none',
    });
  return [...steps, lower];
}

function isScientific({ hyperparameters }: RemedyContext, kind: Kind, names?: readonly string[]): boolean {
  return hyperparameters.some(
    (one) =>
      one.role === 'scientific' && one.kind === kind && (names === undefined || names.includes(leafOf(one.name))),
  );
}

function moreOf({ values }: RemedyContext, leaf: string): Omit<NextStep, 'trial'> {
  const entry = Object.entries(values).find(([name]) => leafOf(name) === leaf);
  const words = { dropout: 'dropout', labelSmoothing: 'label smoothing', weightDecay: 'weight decay' }[leaf] ?? leaf;
  const now = typeof entry?.[1] === 'number' ? ` (${showNumber(entry[1])} now)` : '';
  return { action: 'regularise', text: `more ${words}${now}` };
}

function leafOf(name: string): string {
  return parseName(name).leaf;
}
