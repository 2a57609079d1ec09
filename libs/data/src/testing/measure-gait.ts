/**
 * Step frequency, vertical movement and harmonics of labelled segments, so that generated signals are held against the
 * table of real recordings. Vertical is the direction of a segment's mean acceleration, g. The estimator is the one
 * that gives the table on the recordings themselves (`measure-gait.test.ts`): amplitudes are peaks within 0.15 Hz of
 * k · f0 in the spectrum of a whole segment (Hann window), and medians over segments. Others differ on the same
 * recordings by up to 1.5 times: pieces of 5 s (no smearing by a changing cadence), the sensor's first axis in place of
 * the vertical (sideways movement is seen at k = 0.5), means (a few segments have large small harmonics).
 */
import type { Dataset, Recording, Segment } from '../recording.ts';
import { HARMONICS } from '../synthetic/activities.ts';

export interface MeasuredGait {
  /** Steps a second: mean over people of means over segments, and standard deviation between people. */
  readonly stepHz: number;
  readonly stepHzBetweenPeople: number;
  /** Standard deviation of vertical acceleration in a segment, g: mean over people, and deviation between them. */
  readonly vertical: number;
  readonly verticalBetweenPeople: number;
  /** Amplitude at HARMONICS · f0, g: median over segments. */
  readonly harmonics: readonly number[];
}

/** Shorter segments are left out: their peaks are wider than the search. Samples, 5.12 s at 50 Hz. */
const SHORTEST = 256;
const SEARCH_HZ = 0.15;
const GRID_HZ = 0.01;

/** Measures the segments with this label. */
export function measureGait(dataset: Dataset, label: number): MeasuredGait {
  const segments = dataset.recordings.flatMap((recording) =>
    recording.segments
      .filter((segment) => segment.label === label && segment.end - segment.start >= SHORTEST)
      .map((segment) => ({
        subject: recording.subject,
        ...measureSegment(verticalOf(recording, segment, dataset.channels.length), dataset.sampleRateHz),
      })),
  );
  const people = [...Map.groupBy(segments, ({ subject }) => subject).values()];
  const stepHz = people.map((own) => meanOf(own.map((segment) => segment.stepHz)));
  const vertical = people.map((own) => meanOf(own.map((segment) => segment.vertical)));
  return {
    stepHz: meanOf(stepHz),
    stepHzBetweenPeople: deviationOf(stepHz),
    vertical: meanOf(vertical),
    verticalBetweenPeople: deviationOf(vertical),
    harmonics: HARMONICS.map((_, h) => medianOf(segments.map(({ harmonics }) => harmonics[h] as number))),
  };
}

/** Acceleration along its mean, less that mean, g. */
function verticalOf(recording: Recording, { start, end }: Segment, channelCount: number): Float64Array {
  const axis = (c: number) =>
    Float64Array.from({ length: end - start }, (_, t) => recording.samples[(start + t) * channelCount + c] as number);
  const axes = [axis(0), axis(1), axis(2)];
  const gravity = axes.map(meanOf);
  const length = Math.hypot(...gravity);
  return Float64Array.from(
    { length: end - start },
    (_, t) =>
      axes.reduce((sum, values, c) => sum + (values[t] as number) * (gravity[c] as number), 0) / length - length,
  );
}

function measureSegment(signal: Float64Array, sampleRateHz: number) {
  const hann = signal.map((_, t) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (t + 0.5)) / signal.length));
  const tapered = signal.map((value, t) => value * (hann[t] as number));
  const scale = 2 / (hann.length * meanOf(hann));
  const amplitude = (hz: number): number => scale * transformAt(tapered, hz / sampleRateHz);
  const [stepHz] = peakIn(amplitude, 1.2, 2.5);
  return {
    stepHz,
    vertical: deviationOf(signal),
    harmonics: HARMONICS.map((k) => peakIn(amplitude, k * stepHz - SEARCH_HZ, k * stepHz + SEARCH_HZ)[1]),
  };
}

/** Where in [from, to] Hz the amplitude is largest, and how large. */
function peakIn(amplitude: (hz: number) => number, from: number, to: number): readonly [number, number] {
  let best: readonly [number, number] = [from, 0];
  for (let hz = from; hz <= to; hz += GRID_HZ) {
    const value = amplitude(hz);
    if (value > best[1]) best = [hz, value];
  }
  return best;
}

/** |Σ_t x[t] e^(-2πi f t)|, f in cycles a sample, by Goertzel's recurrence. */
function transformAt(x: Float64Array, f: number): number {
  const twice = 2 * Math.cos(2 * Math.PI * f);
  let last = 0;
  let before = 0;
  for (let t = 0; t < x.length; t++) {
    const next = (x[t] as number) + twice * last - before;
    before = last;
    last = next;
  }
  return Math.sqrt(Math.max(0, last * last + before * before - twice * last * before));
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}

function deviationOf(values: ArrayLike<number>): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(Array.from(values, (value) => (value - mean) ** 2)));
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
