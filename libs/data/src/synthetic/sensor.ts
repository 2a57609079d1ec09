/**
 * The sensor: scale, offset, white noise, quantisation, clipping. Noise densities, steps and ranges are those of the
 * phone of the HAPT recordings (0.58 mg and 0.82 mrad/s a root hertz; 1/720 g; ± 2 g).
 */
import type { Rng } from '@kinetune/study';
import type { Person } from './person.ts';

const ACCELERATION = { noiseDensity: 0.58e-3, step: 1 / 720, range: 2 };
const ANGULAR_VELOCITY = { noiseDensity: 0.82e-3, step: 0.305e-3, range: 8.73 };

/** Turns true samples [N, 6] (g, rad/s) into what the sensor writes, in place. */
export function sense(
  samples: Float32Array,
  person: Person,
  {
    rng,
    sampleRateHz,
    dropoutShare,
  }: { readonly rng: Rng; readonly sampleRateHz: number; readonly dropoutShare: number },
): void {
  const root = Math.sqrt(sampleRateHz / 2);
  for (let i = 0; i < samples.length; i += 6) {
    const isLost = rng.next() < dropoutShare && i > 0;
    for (let c = 0; c < 6; c++) {
      const axis = (c % 3) as 0 | 1 | 2;
      const { noiseDensity, step, range } = c < 3 ? ACCELERATION : ANGULAR_VELOCITY;
      const truth = samples[i + c] as number;
      const ideal =
        c < 3
          ? truth * person.accelerationScale[axis] + person.accelerationOffset[axis]
          : truth + person.gyroBias[axis];
      const noisy = ideal + noiseDensity * root * rng.normal();
      const written = Math.min(range, Math.max(-range, Math.round(noisy / step) * step));
      samples[i + c] = isLost ? (samples[i + c - 6] as number) : written;
    }
  }
}
