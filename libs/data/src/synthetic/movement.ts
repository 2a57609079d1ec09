/** What a body does during a segment, in its own directions; one value for each sample. */
export interface Movement {
  /** Acceleration besides gravity, g. */
  readonly vertical: Float64Array;
  readonly sideways: Float64Array;
  readonly foreAft: Float64Array;
  /** Angular velocity about up, sideways, fore and aft, rad/s. */
  readonly turning: readonly [Float64Array, Float64Array, Float64Array];
  /** Lean about the sideways and the fore-and-aft direction, rad; it turns gravity. */
  readonly tilt: readonly [Float64Array, Float64Array];
}
