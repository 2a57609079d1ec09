/**
 * Discrete Fourier transform of any length, by mixed radices (Cooley & Tukey 1965): X[j] = Σ_t x[t] e^(-2πi jt/T).
 * A prime factor p costs T·p steps; window lengths are products of small primes, and others still work.
 */

/** Power |X[j]|² for j = 0 ... floor(T/2) of two real signals at once, which share one complex transform. */
export type PairedPowerSpectrum = (
  first: Float64Array,
  second: Float64Array,
  into: { readonly first: Float64Array; readonly second: Float64Array },
) => void;

/** A plan for signals of `length` samples; it owns its scratch space, so one call at a time. */
export function createPairedPowerSpectrum(length: number): PairedPowerSpectrum {
  const cosine = Float64Array.from({ length }, (_, i) => Math.cos((2 * Math.PI * i) / length));
  const sine = Float64Array.from({ length }, (_, i) => -Math.sin((2 * Math.PI * i) / length));
  const factors = primeFactors(length);
  const re = new Float64Array(length);
  const im = new Float64Array(length);
  const scratchRe = new Float64Array(Math.max(1, ...factors));
  const scratchIm = new Float64Array(Math.max(1, ...factors));

  /** Transforms samples inRe[offset + stride·t], t < size, into re/im[at ... at+size). */
  const transform = (
    inRe: Float64Array,
    inIm: Float64Array,
    { offset, stride, at, size, depth }: Readonly<Record<'offset' | 'stride' | 'at' | 'size' | 'depth', number>>,
  ): void => {
    if (size === 1) {
      re[at] = inRe[offset] as number;
      im[at] = inIm[offset] as number;
      return;
    }
    const radix = factors[depth] as number;
    const part = size / radix;
    for (let r = 0; r < radix; r++) {
      transform(inRe, inIm, {
        offset: offset + r * stride,
        stride: stride * radix,
        at: at + r * part,
        size: part,
        depth: depth + 1,
      });
    }
    // Combine: X[k + m·part] = Σ_r e^(-2πi r (k + m·part)/size) Y_r[k]; the table has `length` angles, so scale by stride.
    for (let k = 0; k < part; k++) {
      for (let m = 0; m < radix; m++) {
        let sumRe = 0;
        let sumIm = 0;
        let angle = 0;
        const turn = ((k + m * part) * stride) % length;
        for (let r = 0; r < radix; r++) {
          const c = cosine[angle] as number;
          const s = sine[angle] as number;
          const yRe = re[at + r * part + k] as number;
          const yIm = im[at + r * part + k] as number;
          sumRe += c * yRe - s * yIm;
          sumIm += c * yIm + s * yRe;
          angle += turn;
          if (angle >= length) angle -= length;
        }
        scratchRe[m] = sumRe;
        scratchIm[m] = sumIm;
      }
      for (let m = 0; m < radix; m++) {
        re[at + m * part + k] = scratchRe[m] as number;
        im[at + m * part + k] = scratchIm[m] as number;
      }
    }
  };

  return (first, second, into) => {
    transform(first, second, { offset: 0, stride: 1, at: 0, size: length, depth: 0 });
    // Z = F + iS with F and S conjugate-symmetric: F[j] = (Z[j] + Z*[-j]) / 2, S[j] = (Z[j] - Z*[-j]) / 2i.
    for (let j = 0; j <= length >> 1; j++) {
      const mirror = j === 0 ? 0 : length - j;
      const zRe = re[j] as number;
      const zIm = im[j] as number;
      const mRe = re[mirror] as number;
      const mIm = im[mirror] as number;
      into.first[j] = ((zRe + mRe) ** 2 + (zIm - mIm) ** 2) / 4;
      into.second[j] = ((zIm + mIm) ** 2 + (mRe - zRe) ** 2) / 4;
    }
  };
}

function primeFactors(value: number): readonly number[] {
  const factors: number[] = [];
  let rest = value;
  for (let p = 2; rest > 1; p++) {
    while (rest % p === 0) {
      factors.push(p);
      rest /= p;
    }
  }
  return factors;
}
