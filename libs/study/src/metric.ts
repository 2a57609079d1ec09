/** Metrics and objectives. */

export const DIRECTIONS = ['maximise', 'minimise'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** What a metric is measured on; `test` is never stored with them. */
export const METRIC_SPLITS = ['train', 'validation', 'system'] as const;

/** A metric a study declares; measurements hold one value for each, in this order. */
export interface Metric {
  readonly name: string;
  readonly direction: Direction;
  /** `validation` metrics may be an objective; `train` and `system` ones describe. */
  readonly split: (typeof METRIC_SPLITS)[number];
}

export interface Objective {
  readonly metric: string;
  readonly direction: Direction;
}

/** What the built-in trainer measures at the end of each epoch. Losses are mean cross-entropy in nats. */
export const BUILT_IN_METRICS: readonly Metric[] = [
  { name: 'trainLoss', direction: 'minimise', split: 'train' },
  { name: 'trainAccuracy', direction: 'maximise', split: 'train' },
  { name: 'validationLoss', direction: 'minimise', split: 'validation' },
  { name: 'validationAccuracy', direction: 'maximise', split: 'validation' },
  { name: 'validationMacroF1', direction: 'maximise', split: 'validation' },
  { name: 'learningRate', direction: 'minimise', split: 'system' },
  { name: 'gradientNorm', direction: 'minimise', split: 'system' },
  { name: 'examplesPerSecond', direction: 'maximise', split: 'system' },
  { name: 'durationMs', direction: 'minimise', split: 'system' },
];

/** Whether `a` is better than `b`; a value that is not finite is never better. */
export function isBetter(direction: Direction, a: number, b: number): boolean {
  if (!Number.isFinite(a)) return false;
  if (!Number.isFinite(b)) return true;
  return direction === 'maximise' ? a > b : a < b;
}
