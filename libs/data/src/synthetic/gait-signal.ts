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
/** Standard deviation of a step's strength, as a share. */
const STRENGTH_VARIATION = 0.08;
/** A heel strike's vibration rises to its peak in this time and is gone after about four times as long (80 ms). */
const HEEL_SECONDS = 0.022;
/** Standard deviation of its strength from step to step, as a share. */
const HEEL_VARIATION = 0.4;
/**
 * Shares of an axis's variance at k f0: turns follow the stride (f0 / 2), fore and aft the step, sideways both. A
 * sensor's axes are not the body's, so sideways movement is also seen in the vertical channel.
 */
const SIDEWAYS = [
  [0.5, 0.1],
  [1, 0.45],
  [1.5, 0.25],
  [2, 0.2],
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
/** Sideways, fore and aft, turn about x, y, z: which components, and their phase against the vertical (rad). */
const AXES = [
  { components: SIDEWAYS, phase: 0 },
  { components: STEP, phase: Math.PI / 2 },
  { components: STRIDE, phase: Math.PI / 3 },
  { components: STEP, phase: Math.PI / 4 },
  { components: STRIDE, phase: -Math.PI / 3 },
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
  const winding = gait.winding[0] + gait.winding[1] * rng.normal();
  const axisTargets = [gait.sideways, gait.foreAft, ...gait.turning];
  const axisOut = [movement.sideways, movement.foreAft, ...movement.turning];
  const heel = gait.heelStrike * strength * person.heelStrike;

  let step = 0;
  let stepBegan = instants[0] as number;
  // The first step is caught at any point of it.
  let interval = (1 / stepHz) * (1 + INTERVAL_VARIATION * rng.normal());
  stepBegan -= rng.next() * interval;
  let heelNow = heel * (1 + HEEL_VARIATION * rng.normal());
  let strengthNow = 1 + STRENGTH_VARIATION * rng.normal();
  let strengthNext = 1 + STRENGTH_VARIATION * rng.normal();
  for (let i = 0; i < count; i++) {
    const time = instants[i] as number;
    while (time - stepBegan >= interval) {
      stepBegan += interval;
      step += 1;
      interval = Math.max(0.5 / stepHz, (1 / stepHz) * (1 + INTERVAL_VARIATION * rng.normal()));
      heelNow = heel * (1 + HEEL_VARIATION * rng.normal());
      strengthNow = strengthNext;
      strengthNext = 1 + STRENGTH_VARIATION * rng.normal();
    }
    const sinceStep = time - stepBegan;
    const phase = 2 * Math.PI * (step + sinceStep / interval);
    const now = strengthNow + (strengthNext - strengthNow) * (sinceStep / interval);
    let vertical = 0;
    for (let h = 0; h < HARMONICS.length; h++) {
      const angle = (HARMONICS[h] as number) * phase + (person.harmonicPhase[h] as number);
      vertical += (amplitudes[h] as number) * Math.cos(angle);
    }
    const strike =
      heelNow *
      (sinceStep / HEEL_SECONDS) *
      Math.exp(1 - sinceStep / HEEL_SECONDS) *
      Math.sin(2 * Math.PI * person.heelStrikeHz * sinceStep);
    movement.vertical[i] = now * vertical + strike;
    AXES.forEach(({ components, phase: shift }, axis) => {
      let value = 0;
      components.forEach(([k, share], c) => {
        const angle = k * phase + shift + (person.axisPhase[4 * axis + c] as number);
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
