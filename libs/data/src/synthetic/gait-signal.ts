/**
 * Walking, stairs and jogging. A step clock runs at f0 with a random interval a step; everything is a sum of harmonics
 * of its phase, so that axes stay together as legs do.
 */
import type { Rng } from '@kinetune/study';
import { type Gait, HARMONICS } from './activities.ts';
import type { Movement } from './movement.ts';
import type { PersonalGait } from './person.ts';

/** Standard deviation of a step's duration, as a share. */
const INTERVAL_VARIATION = 0.03;
/**
 * A step that comes late or early is made up for: this share of its deviation from the rhythm is left at the next one.
 * So a segment has one cadence, and its harmonics are lines.
 */
const RHYTHM_MEMORY = 0.3;
/** Deviation of a step from the rhythm that gives intervals their variation: Var(e' - e) = 2 / (1 + memory) Var(noise). */
const STEP_NOISE = INTERVAL_VARIATION * Math.sqrt((1 + RHYTHM_MEMORY) / 2);
/** Standard deviation of a step's strength, as a share. */
const STRENGTH_VARIATION = 0.08;
/** A heel strike's vibration rises to its peak in this time and is gone after about four times as long (80 ms). */
const HEEL_SECONDS = 0.022;
/** Standard deviation of its strength from step to step, as a share. */
const HEEL_VARIATION = 0.4;
/** And of its phase, rad: about 15 ms of contact, so that most of it is vibration and little of it harmonics. */
const HEEL_PHASE_VARIATION = 1.2;
/**
 * Shares of an axis's variance at k f0: turns follow the stride (f0 / 2), fore and aft the step, sideways both. A
 * sensor's axes are not the body's, so sideways movement is also seen in the vertical channel.
 */
const SIDEWAYS = [
  [0.5, 0.05],
  [1, 0.8],
  [1.5, 0.05],
  [2, 0.1],
] as const;
const STRIDE = [
  [0.5, 0.45],
  [1, 0.25],
  [1.5, 0.2],
  [2.5, 0.1],
] as const;
const STEP = [
  [1, 0.6],
  [2, 0.25],
  [0.5, 0.05],
  [3, 0.1],
] as const;
/** Sideways, fore and aft, turn about x, y, z: which components, and the phase (rad) of those that are not measured. */
const AXES = [
  { components: SIDEWAYS, otherPhase: 0 },
  { components: STEP, otherPhase: Math.PI / 2 },
  { components: STRIDE, otherPhase: Math.PI / 3 },
  { components: STEP, otherPhase: Math.PI / 4 },
  { components: STRIDE, otherPhase: -Math.PI / 3 },
] as const;

/** Movement of a segment at the given instants (seconds, ascending). */
export function gaitMovement(
  gait: Gait,
  person: PersonalGait,
  { rng, instants }: { readonly rng: Rng; readonly instants: Float64Array },
): Movement {
  const count = instants.length;
  const movement: Movement = {
    vertical: new Float64Array(count),
    sideways: new Float64Array(count),
    foreAft: new Float64Array(count),
    turning: [new Float64Array(count), new Float64Array(count), new Float64Array(count)],
    tilt: [new Float64Array(count), new Float64Array(count)],
  };
  const stepHz = Math.max(
    0.6 * gait.stepHz,
    gait.stepHz + gait.stepHzBetweenPeople * person.stepHz + gait.stepHzWithinPerson * rng.normal(),
  );
  // A segment is climbed or walked a little harder or softer than the next; small harmonics vary more.
  const strength = person.amplitude * Math.exp(0.06 * rng.normal());
  const amplitudes = gait.vertical.map((value, h) => value * strength * (person.harmonic[h] as number));
  const verticalPhases = gait.verticalPhase.map((mean, h) => mean + (person.harmonicPhase[h] as number));
  const axisPhases = AXES.flatMap(({ components, otherPhase }, axis) =>
    components.map(([k], c) => {
      const measured = k === 1 ? gait.axisPhase[0][axis] : k === 2 ? gait.axisPhase[1][axis] : otherPhase;
      return (measured as number) + (person.axisPhase[4 * axis + c] as number);
    }),
  );
  const winding = gait.winding[0] + gait.winding[1] * rng.normal();
  const axisTargets = [gait.sideways, gait.foreAft, ...gait.turning];
  const axisOut = [movement.sideways, movement.foreAft, ...movement.turning];
  const heel = gait.heelStrike * strength * person.heelStrike;

  let step = 0;
  let stepBegan = instants[0] as number;
  // Both in shares of a step: how far the last step was off the rhythm, and how long this one takes.
  let deviation = 0;
  const nextInterval = () => {
    const next = RHYTHM_MEMORY * deviation + STEP_NOISE * rng.normal();
    const length = Math.max(0.5, 1 + next - deviation);
    deviation = next;
    return length / stepHz;
  };
  // The first step is caught at any point of it.
  let interval = nextInterval();
  stepBegan -= rng.next() * interval;
  let heelNow = heel * (1 + HEEL_VARIATION * rng.normal());
  let heelPhase = HEEL_PHASE_VARIATION * rng.normal();
  let strengthNow = 1 + STRENGTH_VARIATION * rng.normal();
  let strengthNext = 1 + STRENGTH_VARIATION * rng.normal();
  for (let i = 0; i < count; i++) {
    const time = instants[i] as number;
    while (time - stepBegan >= interval) {
      stepBegan += interval;
      step += 1;
      interval = nextInterval();
      heelNow = heel * (1 + HEEL_VARIATION * rng.normal());
      heelPhase = HEEL_PHASE_VARIATION * rng.normal();
      strengthNow = strengthNext;
      strengthNext = 1 + STRENGTH_VARIATION * rng.normal();
    }
    const sinceStep = time - stepBegan;
    const phase = 2 * Math.PI * (step + sinceStep / interval);
    const now = strengthNow + (strengthNext - strengthNow) * (sinceStep / interval);
    let vertical = 0;
    for (let h = 0; h < HARMONICS.length; h++) {
      const angle = (HARMONICS[h] as number) * phase + (verticalPhases[h] as number);
      vertical += (amplitudes[h] as number) * Math.cos(angle);
    }
    const strike =
      heelNow *
      (sinceStep / HEEL_SECONDS) *
      Math.exp(1 - sinceStep / HEEL_SECONDS) *
      Math.sin(2 * Math.PI * person.heelStrikeHz * sinceStep + heelPhase);
    movement.vertical[i] = now * vertical + strike;
    AXES.forEach(({ components }, axis) => {
      let value = 0;
      components.forEach(([k, share], c) => {
        const angle = k * phase + (axisPhases[4 * axis + c] as number);
        value += Math.sqrt(2 * share) * Math.cos(angle);
      });
      const scale = (axisTargets[axis] as number) * strength * (person.axis[axis] as number) * now;
      (axisOut[axis] as Float64Array)[i] = scale * value;
    });
    movement.foreAft[i] = (movement.foreAft[i] as number) + 0.4 * strike;
    movement.turning[0][i] = (movement.turning[0][i] as number) + winding;
  }
  return movement;
}
