/** The hardness dials that pull activities together. */
import { type Activity, type Gait, GAITS, type Posture, type Rest, RESTS } from './activities.ts';
import type { SyntheticOptions } from './dials.ts';

/**
 * An activity's definition after `gaitOverlap` (walking and stairs towards their mean) and `postureOverlap` (sitting
 * and standing towards theirs).
 */
export function blendActivities(
  activity: Activity,
  { gaitOverlap, postureOverlap }: Pick<SyntheticOptions, 'gaitOverlap' | 'postureOverlap'>,
): { readonly definition: Gait | Rest; readonly posture: Posture } {
  if (activity === 'WALK' || activity === 'UP' || activity === 'DOWN') {
    const gait = towards(GAITS[activity], [GAITS.WALK, GAITS.UP, GAITS.DOWN], gaitOverlap);
    return { definition: gait, posture: gait };
  }
  if (activity === 'JOG') return { definition: GAITS.JOG, posture: GAITS.JOG };
  const rest = activity === 'LAY' ? RESTS.LAY : towards(RESTS[activity], [RESTS.SIT, RESTS.STAND], postureOverlap);
  return { definition: rest, posture: rest };
}

/** Every number of a definition, moved by `share` towards the mean of those of `all`. */
function towards<T extends Gait | Rest>(own: T, all: readonly T[], share: number): T {
  const mix = (value: unknown, others: readonly unknown[]): unknown => {
    if (typeof value === 'number') {
      return (
        value + share * ((others as readonly number[]).reduce((sum, other) => sum + other, 0) / others.length - value)
      );
    }
    if (Array.isArray(value)) {
      return value.map((entry, i) =>
        mix(
          entry,
          others.map((other) => (other as readonly number[])[i]),
        ),
      );
    }
    return value;
  };
  return Object.fromEntries(
    Object.entries(own).map(([name, value]) => [
      name,
      mix(
        value,
        all.map((other) => other[name as keyof T]),
      ),
    ]),
  ) as unknown as T;
}
