/**
 * What every importer produces: recordings on their own time base, with their own units made explicit.
 * Axis letters: N samples of a recording, C channels.
 */

/** A measured quantity and the unit its numbers are in after import. */
export interface Channel {
  /** e.g. `accX`, `gyroZ`; unique in a data set. */
  readonly name: string;
  readonly quantity: 'acceleration' | 'angular-velocity' | 'other';
  /** After import acceleration is in g (gravity included unless the name says otherwise), angular velocity in rad/s. */
  readonly unit: 'g' | 'rad/s' | 'other';
}

/** A labelled stretch of a recording: samples `start` (inclusive) to `end` (exclusive), 0-based. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  /** Index into the data set's `labels`. */
  readonly label: number;
}

/** One uninterrupted recording of one person. Windows never cross its ends, nor those of a segment. */
export interface Recording {
  /** Unique in the data set, and stable between imports: it decides the split. */
  readonly id: string;
  /** The person; stable between imports. */
  readonly subject: string;
  /** Row-major [N, C]. */
  readonly samples: Float32Array;
  readonly segments: readonly Segment[];
  /** Free facts worth showing: side of the body, experiment number. */
  readonly facts: Readonly<Record<string, string | number>>;
}

/** Something the importer met and did not hide: a count of malformed lines, a gap, a duplicate. */
export interface ImportNote {
  readonly code: string;
  readonly message: string;
  readonly count: number;
  /** The first few places, as `file:line`. */
  readonly examples: readonly string[];
}

/** A published split by people, where a data set has one. */
export interface OfficialSplit {
  readonly name: string;
  readonly train: readonly string[];
  readonly test: readonly string[];
}

/** A whole data set in memory, as imported. */
export interface Dataset {
  /** `watch`, `hapt`, `wharf`, `uci-har`, `wisdm`, `csv`, `synthetic`. */
  readonly kind: string;
  readonly name: string;
  /** True for generated signals; results on it are always called synthetic. */
  readonly isSynthetic: boolean;
  readonly sampleRateHz: number;
  readonly channels: readonly Channel[];
  /** Activity names; a segment's `label` indexes them. */
  readonly labels: readonly string[];
  readonly recordings: readonly Recording[];
  readonly officialSplit: OfficialSplit | undefined;
  readonly notes: readonly ImportNote[];
  /**
   * sha256 (hex) over the source's bytes, the options that shape the import, and the importer's version; a cache key and part
   * of a trial's fingerprint. `locateDataset` gives it without importing.
   */
  readonly contentHash: string;
  /** Whom to cite. */
  readonly citation: string;
}
