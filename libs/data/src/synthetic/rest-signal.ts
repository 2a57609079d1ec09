/** Sitting, standing and lying: sway at 0.1-0.5 Hz that turns gravity, small stirs, slow turns. No tremor. */
import type { Rng } from '@kinetune/study';
import type { Rest } from './activities.ts';
import type { Movement } from './movement.ts';

const SWAY_COMPONENTS = 3;
const SWAY_HZ = [0.1, 0.5] as const;
const STIR_HZ = [0.3, 3] as const;
const TURN_HZ = [0.05, 0.3] as const;

/** Movement of a segment at the given instants (seconds, ascending). */
export function restMovement(
  rest: Rest,
  restlessness: number,
  { rng, instants }: { readonly rng: Rng; readonly instants: Float64Array },
): Movement {
  const now = restlessness * Math.exp(0.15 * rng.normal());
  const wave = (deviation: number, band: readonly [number, number], count: number) =>
    waves(instants, { rng, band, count, amplitude: deviation * Math.SQRT2 * now });
  const sway = ((rest.swayDegrees * Math.PI) / 180) * 0.7;
  const lean = [wave(sway, SWAY_HZ, SWAY_COMPONENTS), wave(sway, SWAY_HZ, SWAY_COMPONENTS)] as const;
  const turn = wave(rest.turning, TURN_HZ, 2);
  const stirs = [0, 1, 2].map(() => wave(rest.stir, STIR_HZ, 6));
  return {
    vertical: (stirs[0] as Wave).value,
    sideways: (stirs[1] as Wave).value,
    foreAft: (stirs[2] as Wave).value,
    // What leans also turns: the gyroscope sees the derivative of the lean.
    turning: [turn.value, lean[0].rate, lean[1].rate],
    tilt: [lean[0].value, lean[1].value],
  };
}

interface Wave {
  readonly value: Float64Array;
  /** Its derivative, a second. */
  readonly rate: Float64Array;
}

/** A sum of sines at random frequencies of a band, whose variance is that of one sine of `amplitude`. */
function waves(
  instants: Float64Array,
  options: {
    readonly rng: Rng;
    readonly band: readonly [number, number];
    readonly count: number;
    readonly amplitude: number;
  },
): Wave {
  const { rng, band, count, amplitude } = options;
  const value = new Float64Array(instants.length);
  const rate = new Float64Array(instants.length);
  for (let c = 0; c < count; c++) {
    const omega = 2 * Math.PI * (band[0] + (band[1] - band[0]) * rng.next());
    const phase = 2 * Math.PI * rng.next();
    const size = amplitude / Math.sqrt(count);
    for (let i = 0; i < instants.length; i++) {
      const angle = omega * (instants[i] as number) + phase;
      value[i] = (value[i] as number) + size * Math.sin(angle);
      rate[i] = (rate[i] as number) + size * omega * Math.cos(angle);
    }
  }
  return { value, rate };
}
