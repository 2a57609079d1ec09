/** One epoch of a trial: train, validate, measure. */
import { type EvaluationResult, learningRates } from '@kinetune/study';
import type { Engine, EpochResult } from '../engine/index.ts';
import { epochOrder } from './epoch-order.ts';
import { measurementOf } from './measurement-of.ts';
import { scoreValidation } from './score-validation.ts';
import type { TrialMeasurement } from './trial-measurement.ts';
import type { TrialPlan } from './trial-plan.ts';

export interface MeasuredEpoch {
  readonly type: 'measured';
  readonly measurement: TrialMeasurement;
  readonly evaluation: EvaluationResult;
}

export interface DivergedEpoch {
  readonly type: 'diverged';
  readonly what: 'training loss' | 'gradient' | 'validation loss';
  readonly value: number;
  /** Passes over the training data so far. */
  readonly epoch: number;
}

export type TrialEpochResult = MeasuredEpoch | DivergedEpoch | { readonly type: 'aborted' };

export interface TrialEpochOptions {
  readonly plan: TrialPlan;
  readonly engine: Engine;
  readonly options: { readonly seed: number };
  readonly hooks: {
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: { readonly epoch: number; readonly trainLoss: number | null }) => void;
    readonly now?: () => number;
  };
}

/** Progress for people to watch: more often is work for nobody. */
const PROGRESS_MS = 250;

/** A function that trains epoch `epoch` (0-based); the engine must be where that epoch starts. */
export function createTrialEpoch({
  plan,
  engine,
  options: { seed },
  hooks,
}: TrialEpochOptions): (epoch: number) => Promise<TrialEpochResult> {
  const { data, schedule, stepsPerEpoch, isAveraged } = plan;
  const { signal, onProgress, now = () => performance.now() } = hooks;
  const classes = { classCount: data.input.labels.length, subjectNames: data.subjectNames };
  let reportedAt = now();

  return async (epoch) => {
    const startedAt = now();
    const rates = learningRates(schedule, epoch * stepsPerEpoch, (epoch + 1) * stepsPerEpoch);
    const result = await engine.trainEpoch({
      order: epochOrder(data.train.labels.length, { seed, epoch }),
      learningRates: rates,
      ...(signal === undefined ? {} : { signal }),
      onProgress: ({ stepCount, loss }) => {
        if (now() - reportedAt < PROGRESS_MS) return;
        reportedAt = now();
        onProgress?.({ epoch: epoch + stepCount / stepsPerEpoch, trainLoss: Number.isFinite(loss) ? loss : null });
      },
    });
    const reached = epoch + result.stepCount / stepsPerEpoch;
    const divergence = divergenceOf(result);
    if (divergence !== undefined) return { type: 'diverged', ...divergence, epoch: reached };
    if (result.end === 'aborted') return { type: 'aborted' };

    const { outputs } = await engine.evaluate('validation', { averaged: isAveraged, outputs: true });
    const score = scoreValidation(outputs as Float32Array, data.validation, classes);
    if (!Number.isFinite(score.loss)) {
      return { type: 'diverged', what: 'validation loss', value: score.loss, epoch: reached };
    }
    const place = {
      step: engine.step,
      epoch: epoch + 1,
      learningRate: rates[rates.length - 1] as number,
      durationMs: now() - startedAt,
    };
    return { type: 'measured', measurement: measurementOf(result, score, place), evaluation: score.evaluation };
  };
}

/** A loss can be finite while its gradient is not: the weights are spoilt all the same. */
function divergenceOf({
  end,
  loss,
  nonFiniteStepCount,
}: EpochResult): Pick<DivergedEpoch, 'what' | 'value'> | undefined {
  if (!Number.isFinite(loss)) return { what: 'training loss', value: loss };
  if (end === 'not-finite' || nonFiniteStepCount > 0) return { what: 'gradient', value: Number.NaN };
  return undefined;
}
