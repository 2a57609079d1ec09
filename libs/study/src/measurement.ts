/** What a trial measured at a step. */

/** Minimum, mean and maximum over one part of an epoch's steps. */
export interface Spread {
  readonly minimum: number | null;
  readonly mean: number | null;
  readonly maximum: number | null;
}

/** Detail inside an epoch that its mean hides: spikes, clipping. Only the built-in trainer sends it. */
export interface EpochDetail {
  /** Up to 16 equal parts of the epoch, in order. */
  readonly trainLoss: readonly Spread[];
  /** L2 norm of the full gradient before clipping. */
  readonly gradientNorm: readonly Spread[];
  /** Share of steps whose gradient was clipped, 0 to 1; 0 when clipping is off. */
  readonly clippedShare: number;
}

export interface Measurement {
  /** Optimizer steps taken since the start of the trial; with the trial it is the key. */
  readonly step: number;
  /** Passes over the training data, may be a fraction. */
  readonly epoch: number;
  /** By metric name; null where the value is not finite. */
  readonly values: Readonly<Record<string, number | null>>;
  readonly detail?: EpochDetail;
}
