/**
 * Every limit that decides what a curve shows: visible, and to be changed by whoever sees it otherwise. Chosen on one half of the
 * planted trainings of `benchmarks/curves`, whose other half measures them; those of the Playbook say so.
 */
export const CURVE_THRESHOLDS = {
  overfitting: {
    fewestEvaluations: 6,
    /** Rise of the smoothed validation loss above its lowest, in standard deviations of an evaluation. */
    riseInNoise: 2,
    /** The same as a share of the lowest, and of the fall before it. */
    riseOfLowest: 0.06,
    riseOfFall: 0.04,
    /** Evaluations after the lowest: this many and this share of all. */
    evaluationsAfter: 3,
    shareAfter: 0.15,
    /** Of them above the lowest by more than noise. */
    shareAbove: 0.6,
    /** Rank correlation of error and epoch after the lowest. */
    trend: 0.2,
    /** The training loss may have risen meanwhile by this share of its fall; more is no overfitting. */
    trainRiseOfFall: 0.05,
  },
  lateNoise: {
    fewestEvaluations: 5,
    /** Part of training that is late. */
    latePart: 1 / 3,
    /**
     * Standard deviation from evaluation to evaluation that alone is noise: of accuracy or macro-F1 (0 to 1), and of loss as a share of
     * its level. The two shares of these add up: noise of training shows in both, windows on the border between two classes in one.
     */
    scoreSd: 0.0204,
    lossSd: 0.051,
    /** A score cannot be finer than this many validation windows. */
    windows: 1.5,
  },
  stillImproving: {
    fewestEvaluations: 4,
    /** The line through this last part of the evaluations, three at least. */
    lastPart: 0.5,
    /** Its slope, in its own standard errors, in a curve that is not short: there a bend cannot be told from noise. */
    slopeInErrors: 3,
    shortCurve: 8,
    /** What a quarter of training gains at that slope, as a share of all that was gained. */
    gainOfFall: 0.065,
    /** The same of the very end: less has levelled off. */
    endPart: 0.2,
    endGainOfFall: 0.02,
    /** All that was gained, in standard deviations of an evaluation: less is nothing learned. */
    fallInNoise: 3,
  },
  saturated: {
    fewestEvaluations: 10,
    /** All that was gained, in standard deviations of an evaluation: less is nothing learned. */
    fallInNoise: 6,
    /** Within this many standard deviations of the best, or this share of all that was gained. */
    nearInNoise: 1,
    nearOfFall: 0.1,
    /** The training loss may have risen since by this share of its fall: what gets worse in training is not saturated. */
    trainRiseOfFall: 0.05,
    /** Reached by this part of training. */
    reachedBy: 0.23,
  },
  risingTrainLoss: {
    fewestEvaluations: 5,
    riseInNoise: 4,
    riseOfFall: 0.1,
    riseOfLowest: 0.05,
    evaluationsAfter: 3,
    shareAfter: 0.2,
    /** Rank correlation of loss and epoch after the lowest. */
    trend: 0.7,
    /** Largest single rise as a share of the whole: more is a spike, unless the trend is as clear as this. */
    largestStep: 0.7,
    clearTrend: 0.8,
  },
  periodic: {
    /** Whole periods that must have been seen after the first quarter of training. */
    fewestPeriods: 4,
    /** Share of variance that the place in the period explains, adjusted for the number of places. */
    shareWithin: 0.25,
    shareAcross: 0.6,
    /** Smallest standard deviation about the course, as a share of the curve's range, that is looked at. */
    sizeOfRange: 0.01,
    /** Largest chance of it in noise, over all periods looked at. */
    chance: 1e-4,
    /** A schedule that explains this share of its own variance at the same period is the reason. */
    scheduleShare: 0.5,
    /** So many sudden rises in a periodic curve are part of the period. */
    repeatedSpikes: 3,
  },
  spikes: {
    /** The Playbook: early is before the end of warm-up or the first 5 % of training; evaluations are too coarse for less than two epochs. */
    earlyPart: 0.05,
    earlyEpochs: 2,
    /** Rise above the level before: in standard deviations of a part, as a share of that level, and of all that was learned. */
    riseInNoise: 4.5,
    riseOfLevel: 0.2,
    riseOfFall: 0.3,
    /** Parts (or evaluations) that the level before is the median of. */
    levelParts: 8,
  },
  collapsed: {
    /** Of predictions, for the class that is predicted most. */
    predictionShare: 0.98,
    /** And for it among the windows of other classes: where nearly all windows are of one, to say so is right. */
    shareOfOthers: 0.9,
    /** How near macro-F1 must come to that of a single predicted class, relative. */
    nearness: 0.04,
    /** Last part of training that is looked at. */
    lastPart: 0.25,
  },
} as const;

type Limits<Group> = { readonly [Name in keyof Group]: number };
export type CurveThresholds = {
  readonly [Group in keyof typeof CURVE_THRESHOLDS]: Limits<(typeof CURVE_THRESHOLDS)[Group]>;
};

/** The thresholds with some of them changed. */
export function withChanges(changes: {
  readonly [Group in keyof CurveThresholds]?: Partial<CurveThresholds[Group]>;
}): CurveThresholds {
  return Object.fromEntries(
    Object.entries(CURVE_THRESHOLDS).map(([group, limits]) => [
      group,
      { ...limits, ...changes[group as keyof CurveThresholds] },
    ]),
  ) as unknown as CurveThresholds;
}
