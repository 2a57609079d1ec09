/** How to read a CSV. Every field has a default that suits a file with the header `time,x,y,z,label,subject`. */
export interface CsvOptions {
  /** Column with the time; `time` unless stated. Needed unless `sampleRateHz` is given. */
  readonly time?: string | undefined;
  readonly timeUnit?: TimeUnit | undefined;
  /** Columns with the signals, in order. Without it: every column that is not time, label, subject or recording. */
  readonly channels?: readonly string[] | undefined;
  /** Column with the activity, `label` unless stated; an empty cell is unlabelled. */
  readonly label?: string | undefined;
  /** The labels there may be, in order. Without it: those in the file, sorted. */
  readonly labels?: readonly string[] | undefined;
  /** Column with the person, `subject` unless stated; where the file has no such column, the file's name is the person. */
  readonly subject?: string | undefined;
  /** Column that tells recordings apart; without it a change of person or a gap does. */
  readonly recording?: string | undefined;
  readonly accelerationUnit?: 'g' | 'm/s2' | undefined;
  readonly angularVelocityUnit?: 'rad/s' | 'deg/s' | undefined;
  /** Resample to this rate (linear); without it the median rate of the time column. */
  readonly sampleRateHz?: number | undefined;
  /** Columns to negate, e.g. those of a phone whose axes point the other way. */
  readonly flip?: readonly string[] | undefined;
  /** `,` `;` or a tab; without it the one that the header holds most of. */
  readonly delimiter?: string | undefined;
  /** A step in time of more than this many samples ends a recording; 5 unless stated. */
  readonly maxGapSamples?: number | undefined;
}

export const TIME_UNITS = ['s', 'ms', 'us', 'ns'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];
