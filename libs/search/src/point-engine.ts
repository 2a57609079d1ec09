/** Points in the unit cube that are functions of a seed and an index: what quasi-random and random samplers have in common. */

/** Point `index` (from 0): a coordinate in [0, 1) for each dimension. */
export type PointSequence = (index: number) => readonly number[];

export interface PointEngine {
  readonly name: string;
  /** Counts up with any change that moves a point. */
  readonly version: number;
  points(key: { readonly seed: number; readonly dimensions: number }): PointSequence;
}
