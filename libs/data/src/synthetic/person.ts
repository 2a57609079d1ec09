/** What stays the same of a person, and of the way they wear the sensor. */
import { type Activity, HARMONICS, type Vector } from './activities.ts';
import type { SyntheticOptions } from './dials.ts';
import { createPersonDraws, type PersonDraws } from './person-draws.ts';
import { rotationAbout, rotationFromAngles, type Rotation } from './rotation.ts';

export interface PersonalGait {
  /** Difference from the activity's step frequency, in units of its between-person deviation. */
  readonly stepHz: number;
  /** Factor on all movement. */
  readonly amplitude: number;
  /** Factor and phase (rad) of each vertical harmonic. */
  readonly harmonic: readonly number[];
  readonly harmonicPhase: readonly number[];
  /** Factors on sideways and fore-and-aft acceleration and the three turns, and phases of their components. */
  readonly axis: readonly number[];
  readonly axisPhase: readonly number[];
  readonly heelStrike: number;
  readonly heelStrikeHz: number;
}

export interface Person {
  readonly gait: (activity: Activity) => PersonalGait;
  /** Habitual posture in an activity, in units of the activity's deviation between segments. */
  readonly posture: (activity: Activity) => Vector;
  /** Factor on stir, sway and turns at rest. */
  readonly restlessness: number;
  readonly placement: Rotation;
  readonly accelerationScale: Vector;
  /** g. */
  readonly accelerationOffset: Vector;
  /** rad/s. */
  readonly gyroBias: Vector;
}

const DEGREE = Math.PI / 180;
/**
 * Factors on a person's own phases and shares of movement by axis. One person in five moves in a way of their own, and
 * the others are alike: as in HAPT, where most errors of a split by people are those of a few (of nine test people one
 * scores 83 %, others up to 100 %). That part of what people cost shrinks little as a group grows.
 */
const ODDITY = { shareOfPeople: 0.2, theirs: 2.2, others: 0.5 };
const F0 = HARMONICS.indexOf(1);

/** Person `index` of a data set: a function of seed, index and dials alone. */
export function createPerson(index: number, options: SyntheticOptions): Person {
  const { seed, personVariance, placement } = options;
  const rng = createPersonDraws(seed, index, 'person');
  const spread = (deviation: number) => rng.normal() * deviation * personVariance;
  const tempo = rng.normal();
  const oddity = rng.next() < ODDITY.shareOfPeople ? ODDITY.theirs : ODDITY.others;
  const amplitude = logNormal(rng, 0.17 * personVariance);
  // Half-integer harmonics: between about 0.5 and 1.5 times, mean 1, so that a group keeps the measured amplitudes.
  const asymmetry = 1 + personVariance * (rng.next() - 0.5);
  const yaw = placement === 'free' ? 2 * Math.PI * rng.next() : spread(8 * DEGREE);
  const tiltAbout = 2 * Math.PI * rng.next();
  const tilt = spread((placement === 'free' ? 12 : 4) * DEGREE);
  const vector = (mean: number, deviation: number): Vector => [
    mean + spread(deviation),
    mean + spread(deviation),
    mean + spread(deviation),
  ];
  return {
    gait: (activity) => {
      const own = createPersonDraws(seed, index, `gait ${activity}`);
      const factors = (count: number, deviation: number) =>
        Array.from({ length: count }, () => logNormal(own, deviation * personVariance));
      const phases = (count: number, deviation: number) =>
        Array.from({ length: count }, () => own.normal() * deviation * oddity * personVariance);
      return {
        // Who walks fast also climbs fast: most of the tempo is common to all gaits.
        stepHz: personVariance * (0.8 * tempo + 0.6 * own.normal()),
        amplitude: amplitude * logNormal(own, 0.06 * personVariance),
        harmonic: factors(HARMONICS.length, 0.3).map((factor, h) =>
          (HARMONICS[h] as number) % 1 === 0 ? (h === F0 ? Math.sqrt(factor) : factor) : factor * asymmetry,
        ),
        // The step's phase is that of f0 itself.
        harmonicPhase: phases(HARMONICS.length, 0.5).map((phase, h) => (h === F0 ? 0 : phase)),
        axis: factors(5, 0.15 * oddity),
        axisPhase: phases(20, 0.55),
        heelStrike: logNormal(own, 0.3 * personVariance),
        heelStrikeHz: 12 + 3 * own.next(),
      };
    },
    posture: (activity) => {
      const own = createPersonDraws(seed, index, `posture ${activity}`);
      return [own.normal(), own.normal(), own.normal()];
    },
    restlessness: logNormal(rng, 0.25 * personVariance),
    placement: rotationAbout([1, 0, 0], yaw).times(
      rotationFromAngles(0, tilt * Math.cos(tiltAbout), tilt * Math.sin(tiltAbout)),
    ),
    accelerationScale: [1.03 + spread(0.02), 1 + spread(0.02), 1 + spread(0.02)],
    accelerationOffset: vector(0, 0.02),
    gyroBias: vector(0, 0.007),
  };
}

/** Log-normal with mean 1. */
function logNormal(rng: PersonDraws, sigma: number): number {
  return Math.exp(sigma * rng.normal() - (sigma * sigma) / 2);
}
