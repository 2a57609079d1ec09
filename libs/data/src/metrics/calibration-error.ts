import { InputError } from '@kinetune/study';

/** Windows whose confidence lies in (from, to], how sure the model was on average, and how often it was right. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean confidence and share correct; NaN in an empty bin. */
  readonly confidence: number;
  readonly accuracy: number;
}

export interface Calibration {
  /** Expected calibration error: Σ bins (count / N) |accuracy - confidence|, in 0 ... 1. */
  readonly error: number;
  readonly bins: readonly CalibrationBin[];
}

/**
 * How far confidence is from accuracy (Guo et al. 2017, On Calibration of Modern Neural Networks, eq. 3), with bins of
 * equal width over the probability of the predicted class.
 * @param probabilities row-major [N, K], rows sum to 1.
 * @param truth [N].
 */
export function calibration(
  probabilities: ArrayLike<number>,
  truth: ArrayLike<number>,
  { binCount = 15 }: { readonly binCount?: number } = {},
): Calibration {
  const count = truth.length;
  const classCount = probabilities.length / count;
  if (count === 0 || !Number.isInteger(classCount)) {
    throw new InputError(
      'metric-shape',
      `expected [N, K] probabilities for ${count} labels, got ${probabilities.length} numbers`,
    );
  }
  const bins = Array.from({ length: binCount }, () => ({ count: 0, confidence: 0, correct: 0 }));
  for (let i = 0; i < count; i++) {
    let best = 0;
    for (let k = 1; k < classCount; k++) {
      if ((probabilities[i * classCount + k] as number) > (probabilities[i * classCount + best] as number)) best = k;
    }
    const confidence = probabilities[i * classCount + best] as number;
    if (!(confidence >= 0 && confidence <= 1 + 1e-6)) {
      throw new InputError('metric-probability', `expected probabilities from 0 to 1, got ${confidence} in row ${i}`);
    }
    const bin = bins[Math.min(binCount - 1, Math.max(0, Math.ceil(confidence * binCount) - 1))];
    if (bin === undefined) continue;
    bin.count += 1;
    bin.confidence += confidence;
    if (best === truth[i]) bin.correct += 1;
  }
  return {
    error: bins.reduce((sum, bin) => sum + Math.abs(bin.correct - bin.confidence), 0) / count,
    bins: bins.map((bin, b) => ({
      from: b / binCount,
      to: (b + 1) / binCount,
      count: bin.count,
      confidence: bin.confidence / bin.count,
      accuracy: bin.correct / bin.count,
    })),
  };
}
