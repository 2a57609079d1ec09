/** An epoch's results as the measurement that is stored and sent. */
import type { EpochResult, Spread } from '../engine/index.ts';
import type { ValidationScore } from './score-validation.ts';
import type { TrialMeasurement } from './trial-measurement.ts';

export interface EpochPlace {
  readonly step: number;
  readonly epoch: number;
  /** Of the epoch's last step. */
  readonly learningRate: number;
  /** Training and validation together. */
  readonly durationMs: number;
}

/** The values of `BUILT_IN_METRICS`; null where one is not finite. */
export function measurementOf(result: EpochResult, score: ValidationScore, place: EpochPlace): TrialMeasurement {
  return {
    step: place.step,
    epoch: place.epoch,
    values: finite({
      trainLoss: result.loss,
      trainAccuracy: result.accuracy,
      validationLoss: score.loss,
      validationAccuracy: score.accuracy,
      validationMacroF1: score.macroF1,
      learningRate: place.learningRate,
      gradientNorm: meanOver(result.gradientNorm, result.stepCount),
      examplesPerSecond: result.examplesPerSecond,
      durationMs: place.durationMs,
    }),
    detail: {
      trainLoss: result.lossSpread.map(finite),
      gradientNorm: result.gradientNorm.map(finite),
      clippedShare: result.clippedShare,
    },
  };
}

/** The mean over steps of parts that differ in length by one step: part i holds steps floor(i n / k) to floor((i+1) n / k). */
function meanOver(parts: readonly Spread[], stepCount: number): number {
  const end = (part: number): number => Math.floor((part * stepCount) / parts.length);
  return parts.reduce((sum, { mean }, part) => sum + mean * (end(part + 1) - end(part)), 0) / stepCount;
}

function finite<Name extends string>(values: Readonly<Record<Name, number>>): Record<Name, number | null> {
  return Object.fromEntries(
    Object.entries<number>(values).map(([name, value]) => [name, Number.isFinite(value) ? value : null]),
  ) as Record<Name, number | null>;
}
