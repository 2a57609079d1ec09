/** Cuts a data set's recordings into windows. */
import { InputError } from '@kinetune/study';
import { windowsCacheKey } from '../cache/windows-cache-key.ts';
import type { Dataset, ImportNote, Recording } from '../recording.ts';
import { checkRecording } from './check-recording.ts';
import { naturalOrder } from './natural-order.ts';
import { windowOptionsInSamples, type WindowOptions } from './window-options.ts';
import type { Windows } from './windows.ts';

/**
 * Windows of `length` samples every `step` samples from the start of each labelled segment. A window lies inside one
 * segment of one recording of one person, so it never crosses a border and its label is pure; a remainder shorter
 * than a window is left out, and so is what no segment covers. Order: recordings as in the data set, then time.
 *
 * @returns samples [W, T, C] in the data set's units, with who, what, where for each window.
 * @throws InputError for impossible options, an unknown label, a malformed recording, or when nothing is left.
 */
export function cutWindows(dataset: Dataset, options: WindowOptions): Windows {
  const { length, step, labels: keptLabels } = windowOptionsInSamples(options, dataset.sampleRateHz);
  const labels = keptLabels ?? dataset.labels;
  const newLabelOf = dataset.labels.map((name) => labels.indexOf(name));
  const unknown = labels.find((name) => !dataset.labels.includes(name));
  if (unknown !== undefined || new Set(labels).size !== labels.length) {
    throw new InputError(
      'window-options',
      `labels must be different activities of ${dataset.name} (${dataset.labels.join(', ')}); got ${labels.join(', ')}`,
    );
  }
  const channelCount = dataset.channels.length;
  const places: Place[] = [];
  const shortSegments: string[] = [];
  const ids = new Set<string>();
  for (const recording of dataset.recordings) {
    checkRecording(recording, dataset);
    if (ids.has(recording.id)) {
      throw new InputError('recording-id', `recording ids must be unique; ${recording.id} occurs twice`);
    }
    ids.add(recording.id);
    for (const segment of [...recording.segments].sort((a, b) => a.start - b.start)) {
      const label = newLabelOf[segment.label] as number;
      if (label < 0) continue;
      if (segment.end - segment.start < length) shortSegments.push(`${recording.id}:${segment.start}`);
      for (let start = segment.start; start + length <= segment.end; start += step) {
        places.push({ recording, label, start });
      }
    }
  }
  if (places.length === 0) {
    throw new InputError(
      'no-windows',
      `no labelled segment of ${dataset.name} is as long as a window of ${length} samples ` +
        `(${(length / dataset.sampleRateHz).toFixed(2)} s at ${dataset.sampleRateHz} Hz); take a shorter window`,
    );
  }

  const subjects = [...new Set(places.map((place) => place.recording.subject))].sort(naturalOrder);
  const recordings = [...new Set(places.map((place) => place.recording.id))];
  const subjectIndex = new Map(subjects.map((name, index) => [name, index]));
  const recordingIndex = new Map(recordings.map((id, index) => [id, index]));
  const samples = new Float32Array(places.length * length * channelCount);
  places.forEach(({ recording, start }, w) => {
    const from = start * channelCount;
    samples.set(recording.samples.subarray(from, from + length * channelCount), w * length * channelCount);
  });
  return {
    datasetKind: dataset.kind,
    datasetName: dataset.name,
    isSynthetic: dataset.isSynthetic,
    contentHash: dataset.contentHash,
    key: windowsCacheKey(dataset.contentHash, {
      length,
      step,
      ...(keptLabels === undefined ? {} : { labels: keptLabels }),
    }),
    citation: dataset.citation,
    sampleRateHz: dataset.sampleRateHz,
    channels: dataset.channels,
    labels,
    subjects,
    recordings,
    length,
    step,
    officialSplit: dataset.officialSplit,
    notes: [...dataset.notes, ...notesOfWindowing(dataset, subjects, shortSegments)],
    samples,
    label: Int32Array.from(places, (place) => place.label),
    subject: Int32Array.from(places, (place) => subjectIndex.get(place.recording.subject) as number),
    recording: Int32Array.from(places, (place) => recordingIndex.get(place.recording.id) as number),
    start: Int32Array.from(places, (place) => place.start),
  };
}

interface Place {
  readonly recording: Recording;
  readonly label: number;
  readonly start: number;
}

function notesOfWindowing(
  dataset: Dataset,
  subjects: readonly string[],
  shortSegments: readonly string[],
): readonly ImportNote[] {
  const without = [...new Set(dataset.recordings.map((recording) => recording.subject))]
    .filter((name) => !subjects.includes(name))
    .sort(naturalOrder);
  const note = (code: string, message: string, all: readonly string[]): ImportNote[] =>
    all.length === 0 ? [] : [{ code, message, count: all.length, examples: all.slice(0, 5) }];
  return [
    ...note('segments-shorter-than-window', 'labelled segments shorter than a window were left out', shortSegments),
    ...note('people-without-windows', 'people without a labelled segment as long as a window', without),
  ];
}
