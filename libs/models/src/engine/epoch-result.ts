/** An epoch in numbers, from its log: one row a step, see `logColumns`. */
import { logColumns } from './training-graph.ts';

export interface Spread {
  readonly minimum: number;
  readonly mean: number;
  readonly maximum: number;
}

export interface EpochResult {
  /** Why it ended: `not-finite` and `aborted` end it before its last step. */
  readonly end: 'finished' | 'not-finite' | 'aborted';
  readonly stepCount: number;
  /** Mean over rows (by class weight, where there are any), each under the weights its step started with. */
  readonly loss: number;
  /** Share of rows classified right, likewise; dropout and augmentation on. */
  readonly accuracy: number;
  /** Mean loss of a step, over up to 16 equal parts of the epoch. */
  readonly lossSpread: readonly Spread[];
  /** Global L2 norm of the unclipped gradient, over up to 16 equal parts of the epoch. */
  readonly gradientNorm: readonly Spread[];
  /** Share of steps whose gradient was clipped; 0 without clipping. */
  readonly clippedShare: number;
  /** Steps whose loss or gradient norm is not finite. */
  readonly nonFiniteStepCount: number;
  readonly durationMs: number;
  readonly examplesPerSecond: number;
}

const partCount = 16;

export interface LogFacts {
  readonly end: EpochResult['end'];
  readonly stepCount: number;
  readonly rowCount: number;
  readonly clipNorm: number | undefined;
  readonly durationMs: number;
}

export function summariseLog(
  log: Float32Array,
  { end, stepCount, rowCount, clipNorm, durationMs }: LogFacts,
): EpochResult {
  let lossSum = 0;
  let weightSum = 0;
  let correctCount = 0;
  let clippedCount = 0;
  let nonFiniteStepCount = 0;
  const losses = new Float64Array(stepCount);
  const norms = new Float64Array(stepCount);
  for (let step = 0; step < stepCount; step++) {
    const [stepLoss, stepWeight, stepCorrect, norm] = log.subarray(step * logColumns.length) as unknown as [
      number,
      number,
      number,
      number,
    ];
    lossSum += stepLoss;
    weightSum += stepWeight;
    correctCount += stepCorrect;
    losses[step] = stepLoss / stepWeight;
    norms[step] = norm;
    if (clipNorm !== undefined && norm > clipNorm) clippedCount += 1;
    if (!Number.isFinite(stepLoss / stepWeight) || !Number.isFinite(norm)) nonFiniteStepCount += 1;
  }
  return {
    end,
    stepCount,
    loss: lossSum / weightSum,
    accuracy: correctCount / rowCount,
    lossSpread: spreads(losses),
    gradientNorm: spreads(norms),
    clippedShare: clippedCount / stepCount,
    nonFiniteStepCount,
    durationMs,
    examplesPerSecond: (rowCount / durationMs) * 1000,
  };
}

/** Parts differ by one step at most in length. */
function spreads(values: Float64Array): Spread[] {
  const count = Math.min(partCount, values.length);
  return Array.from({ length: count }, (_, part) => {
    const rows = values.subarray(
      Math.floor((part * values.length) / count),
      Math.floor(((part + 1) * values.length) / count),
    );
    return {
      minimum: Math.min(...rows),
      mean: rows.reduce((sum, value) => sum + value, 0) / rows.length,
      maximum: Math.max(...rows),
    };
  });
}
