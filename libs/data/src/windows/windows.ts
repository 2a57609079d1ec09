/**
 * Windows: the fixed-length examples that models see, cut from recordings.
 * Axis letters: W windows, T samples in a window, C channels.
 */
import type { Channel, ImportNote, OfficialSplit } from '../recording.ts';

/** Everything about a set of windows that is not an array; it is the JSON header of a cache file. */
export interface WindowsInfo {
  /** The data set's `kind` and `name`. */
  readonly datasetKind: string;
  readonly datasetName: string;
  /** True for generated signals; results on it are always called synthetic. */
  readonly isSynthetic: boolean;
  /** The data set's content hash, and the key of these windows: content and options together. */
  readonly contentHash: string;
  readonly key: string;
  readonly citation: string;
  readonly sampleRateHz: number;
  readonly channels: readonly Channel[];
  /** Activity names; `label` indexes them. */
  readonly labels: readonly string[];
  /** People with at least one window, in natural order ('2' before '10'); `subject` indexes them. */
  readonly subjects: readonly string[];
  /** Ids of the recordings with at least one window; `recording` indexes them. */
  readonly recordings: readonly string[];
  /** T: samples in a window. */
  readonly length: number;
  /** Samples from the start of one window to the next of the same segment. */
  readonly step: number;
  readonly officialSplit: OfficialSplit | undefined;
  /** The importer's notes and what windowing left out. */
  readonly notes: readonly ImportNote[];
}

/** Labelled windows. Each lies inside one labelled segment, so its label is pure and its person is one. */
export interface Windows extends WindowsInfo {
  /** Row-major [W, T, C], in the units of `channels`, not standardised. */
  readonly samples: Float32Array;
  /** [W] index into `labels`. */
  readonly label: Int32Array;
  /** [W] index into `subjects`. */
  readonly subject: Int32Array;
  /** [W] index into `recordings`. */
  readonly recording: Int32Array;
  /** [W] first sample of the window in its recording, 0-based. */
  readonly start: Int32Array;
}
