/**
 * Zero-phase low-pass for a reduction of the rate by `ratio` < 1: a sinc cut at 0.45 of the new rate under a Kaiser
 * window (J. F. Kaiser 1974). The transition from 0.4 to 0.5 of the new rate fixes the length: N = (A - 8) / (2.285 Δω).
 * At both ends the weights that fall inside are scaled to sum 1, so a constant stays the constant.
 */
export function lowPass(signal: Float64Array, ratio: number): Float64Array {
  // Frequencies in cycles a sample of the old rate.
  const cutoff = 0.45 * ratio;
  const transition = 0.1 * ratio;
  const half = Math.ceil((ATTENUATION_DB - 8) / (2.285 * 2 * Math.PI * transition) / 2);
  const weights = Float64Array.from({ length: half + 1 }, (_, k) => {
    const angle = 2 * Math.PI * cutoff * k;
    const sinc = k === 0 ? 2 * cutoff : Math.sin(angle) / (Math.PI * k);
    return (sinc * bessel0(BETA * Math.sqrt(1 - (k / (half + 1)) ** 2))) / bessel0(BETA);
  });
  const count = signal.length;
  return signal.map((_, i) => {
    let sum = (weights[0] as number) * (signal[i] as number);
    let total = weights[0] as number;
    for (let k = 1; k <= half; k++) {
      const weight = weights[k] as number;
      if (i - k >= 0) {
        sum += weight * (signal[i - k] as number);
        total += weight;
      }
      if (i + k < count) {
        sum += weight * (signal[i + k] as number);
        total += weight;
      }
    }
    return sum / total;
  });
}

const ATTENUATION_DB = 80;
/** Kaiser's β for 80 dB: 0.1102 (A - 8.7). */
const BETA = 0.1102 * (ATTENUATION_DB - 8.7);

/** Modified Bessel function of the first kind, order 0, by its series. */
function bessel0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-16 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
