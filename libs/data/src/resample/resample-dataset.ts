/**
 * Brings a data set to another sample rate: a new time base from each recording's first sample on.
 *
 * Down: a zero-phase low-pass first (windowed sinc, Kaiser β = 8, about 80 dB; pass to 0.4, stop from 0.5 of the new
 * rate), so that nothing above half the new rate folds back. Up: nothing is filtered and nothing is invented.
 * Between samples: `linear`, or `cubic`, the natural cubic spline. Linear damps what is near half the old rate (at a
 * quarter of it, amplitudes between samples fall by up to 29 %), the spline hardly.
 */
import { InputError } from '@kinetune/study';
import { jsonHash } from '../cache/json-hash.ts';
import type { Dataset, ImportNote, Recording, Segment } from '../recording.ts';
import { lowPass } from './low-pass.ts';
import { interpolate, type Interpolation } from './interpolate.ts';

export interface ResampleOptions {
  /** Default cubic. */
  readonly method?: Interpolation;
}

/**
 * The data set at `sampleRateHz`. A label keeps its time: it covers the new samples that lie in its stretch of time, so
 * neighbours never overlap; a segment left without a sample is dropped, with a note. The content hash changes.
 * @throws InputError for a rate that is not positive, or a recording that is not [N, C].
 */
export function resampleDataset(dataset: Dataset, sampleRateHz: number, options: ResampleOptions = {}): Dataset {
  const { method = 'cubic' } = options;
  if (!(sampleRateHz > 0 && Number.isFinite(sampleRateHz))) {
    throw new InputError('resample-rate', `expected a sample rate above 0 Hz, got ${sampleRateHz}`);
  }
  if (sampleRateHz === dataset.sampleRateHz) return dataset;
  const ratio = sampleRateHz / dataset.sampleRateHz;
  const dropped: string[] = [];
  const recordings = dataset.recordings.map((recording): Recording => {
    const samples = resampleRows(recording, dataset, { ratio, method });
    const count = samples.length / dataset.channels.length;
    const segments = recording.segments.flatMap((segment): readonly Segment[] => {
      const start = firstSampleAt(segment.start, ratio);
      const end = Math.min(count, firstSampleAt(segment.end, ratio));
      if (end > start) return [{ start, end, label: segment.label }];
      dropped.push(`${recording.id}:${segment.start}`);
      return [];
    });
    return { ...recording, samples, segments };
  });
  const note: ImportNote = {
    code: 'segments-lost-in-resampling',
    message: `segments shorter than a sample at ${sampleRateHz} Hz were left out`,
    count: dropped.length,
    examples: dropped.slice(0, 5),
  };
  return {
    ...dataset,
    sampleRateHz,
    recordings,
    notes: dropped.length === 0 ? dataset.notes : [...dataset.notes, note],
    contentHash: jsonHash({ resampled: dataset.contentHash, sampleRateHz, method }),
  };
}

/** First new sample at or after old sample `index`. Exact multiples are not lost to rounding. */
function firstSampleAt(index: number, ratio: number): number {
  const position = index * ratio;
  const nearest = Math.round(position);
  return Math.abs(position - nearest) < 1e-9 * Math.max(1, position) ? nearest : Math.ceil(position);
}

function resampleRows(
  { id, samples }: Recording,
  { channels }: Dataset,
  { ratio, method }: { readonly ratio: number; readonly method: Interpolation },
): Float32Array {
  const channelCount = channels.length;
  const count = samples.length / channelCount;
  if (!Number.isInteger(count)) {
    throw new InputError(
      'recording-shape',
      `recording ${id}: expected rows of ${channelCount}, got ${samples.length} numbers`,
    );
  }
  if (count === 0) return new Float32Array(0);
  // The last new sample is not after the last old one: nothing is extrapolated.
  const newCount = Math.floor((count - 1) * ratio * (1 + 1e-12)) + 1;
  const result = new Float32Array(newCount * channelCount);
  for (let c = 0; c < channelCount; c++) {
    const signal = Float64Array.from({ length: count }, (_, i) => samples[i * channelCount + c] as number);
    const limited = ratio < 1 ? lowPass(signal, ratio) : signal;
    const at = interpolate(limited, method);
    for (let i = 0; i < newCount; i++) result[i * channelCount + c] = at(Math.min(count - 1, i / ratio));
  }
  return result;
}
