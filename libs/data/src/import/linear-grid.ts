/** Where the samples of an even grid lie between uneven ones: sample n is (1 − weight) · x[left] + weight · x[left + 1]. */
export interface LinearGrid {
  readonly left: Int32Array;
  readonly weight: Float64Array;
  readonly isResampled: boolean;
}

/** Clocks jitter; steps this close to even (in periods) are taken as even. */
const TOLERANCE_PERIODS = 0.1;

/**
 * An even grid of `rateHz` from the first time to the last. Times that lie on it already, within a tenth of a period, are kept as they are.
 * @param times seconds, growing; [N]
 */
export function linearGrid(times: readonly number[], rateHz: number): LinearGrid {
  const start = times[0] ?? 0;
  const isEven = times.every((time, n) => Math.abs((time - start) * rateHz - n) <= TOLERANCE_PERIODS);
  if (isEven) {
    return { left: Int32Array.from(times, (_, n) => n), weight: new Float64Array(times.length), isResampled: false };
  }
  const count = Math.floor(((times.at(-1) as number) - start) * rateHz + 1e-6) + 1;
  const left = new Int32Array(count);
  const weight = new Float64Array(count);
  let at = 0;
  for (let n = 0; n < count; n++) {
    const time = start + n / rateHz;
    while (at < times.length - 2 && (times[at + 1] as number) <= time) at++;
    const from = times[at] as number;
    left[n] = at;
    weight[n] = Math.min(1, Math.max(0, (time - from) / ((times[at + 1] as number) - from)));
  }
  return { left, weight, isResampled: true };
}
