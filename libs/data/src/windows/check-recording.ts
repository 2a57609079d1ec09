import { InputError } from '@kinetune/study';
import type { Dataset, Recording } from '../recording.ts';

/**
 * Refuses a recording that would corrupt windows: a shape that is not [N, C], a sample that is not finite, segments
 * out of range, overlapping or with an unknown label.
 * @throws InputError naming the recording and the sample.
 */
export function checkRecording(recording: Recording, dataset: Dataset): void {
  const channelCount = dataset.channels.length;
  const fail = (code: string, message: string): never => {
    throw new InputError(code, `recording ${recording.id} of ${dataset.name}: ${message}`);
  };
  if (channelCount === 0 || recording.samples.length % channelCount !== 0) {
    fail('recording-shape', `expected rows of ${channelCount} channels, got ${recording.samples.length} numbers`);
  }
  const sampleCount = recording.samples.length / channelCount;
  for (let i = 0; i < recording.samples.length; i++) {
    const value = recording.samples[i] as number;
    // NaN and the infinities are the only values whose difference with themselves is not 0.
    if (value - value !== 0) {
      const channel = dataset.channels[i % channelCount]?.name;
      fail('not-finite', `sample ${Math.floor(i / channelCount)} of ${channel} is ${value}; expected a finite number`);
    }
  }
  let previousEnd = 0;
  for (const segment of [...recording.segments].sort((a, b) => a.start - b.start)) {
    const place = `segment ${segment.start}-${segment.end}`;
    const isWhole = Number.isInteger(segment.start) && Number.isInteger(segment.end);
    if (!isWhole || segment.start < 0 || segment.end <= segment.start || segment.end > sampleCount) {
      fail('segment-range', `${place} does not lie inside its ${sampleCount} samples`);
    }
    if (segment.start < previousEnd) {
      fail('segment-overlap', `${place} begins before the segment that ends at ${previousEnd} has ended`);
    }
    if (dataset.labels[segment.label] === undefined) {
      fail('segment-label', `${place} has label ${segment.label}; expected 0 to ${dataset.labels.length - 1}`);
    }
    previousEnd = segment.end;
  }
}
