/**
 * What the generated activities look like at the waist: measured on the recordings of Reyes-Ortiz et al. 2015 (HAPT; 30
 * people, phone at the waist, 50 Hz), except jogging, which is scaled from running literature. Acceleration in g,
 * angular velocity in rad/s, in the sensor's axes: x about up, y about sideways, z about fore and aft. Phases are circular
 * means over the 30 people. Not measured but tuned to the measured totals: heel strikes, winding, stir, sway, and the
 * amplitudes that drive the harmonics.
 */

export const ACTIVITIES = ['WALK', 'UP', 'DOWN', 'SIT', 'STAND', 'LAY', 'JOG'] as const;
export type Activity = (typeof ACTIVITIES)[number];

/** k of the harmonics k · f0 of vertical acceleration; half-integer ones are the difference between left and right. */
export const HARMONICS = [0.5, 1, 1.5, 2, 2.5, 3, 4, 5] as const;

/** Mean and standard deviation between segments of mean acceleration [x, y, z], g: how the body is held. */
export interface Posture {
  readonly meanAcceleration: Vector;
  readonly deviation: Vector;
}

export type Vector = readonly [number, number, number];

export interface Gait extends Posture {
  readonly kind: 'gait';
  /** Steps a second: mean, between people, and from segment to segment of a person. */
  readonly stepHz: number;
  readonly stepHzBetweenPeople: number;
  readonly stepHzWithinPerson: number;
  /**
   * Amplitude (g) of vertical acceleration at HARMONICS · f0 that drives the signal. Heel strikes and sideways movement
   * seen by a leaning sensor add to it; together they give the measured table (`generate-dataset.test.ts`).
   */
  readonly vertical: readonly number[];
  /**
   * Phase (rad) of vertical acceleration at HARMONICS · f0 when that at f0 has phase 0: x = a cos(k φ + phase). Where the
   * sign depends on which foot is called left (half-integer k) the mean is 0.
   */
  readonly verticalPhase: readonly number[];
  /** Phases at f0 and at 2 f0 of the axes below: sideways, fore and aft, turns about x, y, z. */
  readonly axisPhase: readonly [f0: readonly number[], twiceF0: readonly number[]];
  /** Standard deviations of sideways and fore-and-aft acceleration, g. */
  readonly sideways: number;
  readonly foreAft: number;
  /** Standard deviations of angular velocity about x, y, z, rad/s. */
  readonly turning: Vector;
  /** Peak of the heel-strike burst, g. */
  readonly heelStrike: number;
  /** Mean turn about x and its deviation between segments, rad/s: stairs wind, one way up and the other way down. */
  readonly winding: readonly [number, number];
}

export interface Rest extends Posture {
  readonly kind: 'rest';
  /** Standard deviation of the length of acceleration, g, without the sensor's noise. */
  readonly stir: number;
  /** Sway of the body: amplitude of tilt in degrees, at 0.1-0.5 Hz. */
  readonly swayDegrees: number;
  /** Standard deviation of slow turns about the vertical, rad/s. */
  readonly turning: number;
}

/** Seconds of an uninterrupted stretch. */
export const SEGMENT_SECONDS: Readonly<Record<Activity, number>> = {
  WALK: 19,
  UP: 13,
  DOWN: 12,
  SIT: 21,
  STAND: 23,
  LAY: 23,
  JOG: 15,
};

export const GAITS: Readonly<Record<'WALK' | 'UP' | 'DOWN' | 'JOG', Gait>> = {
  WALK: {
    kind: 'gait',
    stepHz: 1.78,
    stepHzBetweenPeople: 0.1,
    stepHzWithinPerson: 0.035,
    vertical: [0.017, 0.223, 0.093, 0.053, 0.041, 0.074, 0.051, 0.019],
    verticalPhase: [0, 0, 0, 1.43, 0, 1.11, -0.47, -0.95],
    axisPhase: [
      [1.93, 1.69, 1.46, -1.18, 2.4],
      [1.81, 1.77, 2, 1.23, 0.91],
    ],
    sideways: 0.177,
    foreAft: 0.141,
    turning: [0.49, 0.54, 0.34],
    heelStrike: 0.5,
    winding: [0, 0.03],
    meanAcceleration: [0.998, -0.182, -0.061],
    deviation: [0.03, 0.1, 0.15],
  },
  UP: {
    kind: 'gait',
    stepHz: 1.63,
    stepHzBetweenPeople: 0.14,
    stepHzWithinPerson: 0.07,
    vertical: [0.038, 0.284, 0.033, 0.055, 0.033, 0.046, 0.024, 0.007],
    verticalPhase: [0, 0, 0, 0.6, 0, 0.7, 0.12, 0.17],
    axisPhase: [
      [1.93, 1.42, -2.63, -2.48, 0.57],
      [1.93, 2.23, 1.17, -2.65, -0.05],
    ],
    sideways: 0.173,
    foreAft: 0.152,
    turning: [0.52, 0.53, 0.39],
    heelStrike: 0.68,
    winding: [0.17, 0.13],
    meanAcceleration: [0.952, -0.269, -0.151],
    deviation: [0.05, 0.12, 0.19],
  },
  DOWN: {
    kind: 'gait',
    stepHz: 1.78,
    stepHzBetweenPeople: 0.16,
    stepHzWithinPerson: 0.1,
    vertical: [0.03, 0.41, 0.077, 0.122, 0.053, 0.038, 0.018, 0.001],
    verticalPhase: [0, 0, 0, -0.24, 0, -0.14, 1.19, 2.83],
    axisPhase: [
      [-2.53, -2.28, 0.33, 1.13, -2.24],
      [-1.8, -1.72, 0.25, -0.07, 2.78],
    ],
    sideways: 0.192,
    foreAft: 0.16,
    turning: [0.67, 0.57, 0.38],
    heelStrike: 0.95,
    winding: [-0.17, 0.13],
    meanAcceleration: [0.996, -0.152, -0.057],
    deviation: [0.03, 0.1, 0.15],
  },
  JOG: {
    kind: 'gait',
    stepHz: 2.7,
    stepHzBetweenPeople: 0.12,
    stepHzWithinPerson: 0.04,
    vertical: [0.06, 1.25, 0.12, 0.38, 0.06, 0.16, 0.08, 0.04],
    verticalPhase: [0, 0, 0, 1.43, 0, 1.11, -0.47, -0.95],
    axisPhase: [
      [1.93, 1.69, 1.46, -1.18, 2.4],
      [1.81, 1.77, 2, 1.23, 0.91],
    ],
    sideways: 0.35,
    foreAft: 0.33,
    turning: [1.1, 1, 0.8],
    heelStrike: 0.6,
    winding: [0, 0.05],
    meanAcceleration: [1, -0.17, -0.06],
    deviation: [0.03, 0.1, 0.15],
  },
};

export const RESTS: Readonly<Record<'SIT' | 'STAND' | 'LAY', Rest>> = {
  SIT: {
    kind: 'rest',
    stir: 0.006,
    swayDegrees: 1,
    turning: 0.015,
    meanAcceleration: [0.957, 0.134, 0.149],
    deviation: [0.09, 0.2, 0.19],
  },
  STAND: {
    kind: 'rest',
    stir: 0.013,
    swayDegrees: 1.5,
    turning: 0.12,
    meanAcceleration: [1.002, -0.161, -0.015],
    deviation: [0.02, 0.11, 0.15],
  },
  LAY: {
    kind: 'rest',
    stir: 0.004,
    swayDegrees: 1.2,
    turning: 0.03,
    meanAcceleration: [0.068, 0.639, 0.535],
    deviation: [0.13, 0.38, 0.38],
  },
};
