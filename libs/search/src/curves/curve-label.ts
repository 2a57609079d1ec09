/** What a trial's curves can be found to show; none of them is `healthy`. In the order in which they are told. */
export const CURVE_LABELS = [
  'rising-train-loss',
  'collapsed',
  'spikes-early',
  'spikes-late',
  'periodic',
  'overfitting',
  'late-noise',
  'still-improving',
  'saturated',
] as const;
export type CurveLabel = (typeof CURVE_LABELS)[number];
