/** What a trial trains on. Axis letters: W windows, T samples in a window, C channels, K classes. */
import type { ModelInput } from '../checkpoint/model-checkpoint.ts';

export interface LabelledWindows {
  /** Row-major [W, T, C], standardised. */
  readonly samples: Float32Array;
  /** [W] class, 0 to K-1. */
  readonly labels: Int32Array;
  /** [W] index into `subjectNames`. */
  readonly subjects: Int32Array;
}

export interface TrialData {
  readonly train: LabelledWindows;
  readonly validation: LabelledWindows;
  readonly subjectNames: readonly string[];
  /** How the windows were made; kept with every checkpoint. Its scaler was fitted on `train`. */
  readonly input: ModelInput;
}
