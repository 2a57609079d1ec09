/** What findings say of the data, kept in the database beside the study so that they can be shown without the recordings. */
import type { Windows, Split } from '@kinetune/data';

/** A baseline's scores on the validation people, shares in 0 ... 1. */
export interface Baseline {
  readonly name: string;
  readonly accuracy: number;
  readonly macroF1: number;
}

export interface DataSummary {
  readonly name: string;
  readonly citation: string;
  readonly isSynthetic: boolean;
  readonly isLeaking: boolean;
  readonly windows: number;
  readonly windowLength: number;
  readonly sampleRateHz: number;
  readonly channels: readonly string[];
  readonly labels: readonly string[];
  readonly recordings: number;
  readonly splitKind: Split['kind'];
  readonly fold: number | null;
  readonly foldCount: number | null;
  readonly people: Readonly<Record<'train' | 'validation' | 'test', readonly string[]>>;
  /** Windows of each class by part. */
  readonly classCounts: Split['classCounts'];
  /** What the importer met: malformed lines, gaps. */
  readonly importNotes: readonly { readonly message: string; readonly count: number }[];
  readonly splitNotes: readonly string[];
  /** What the leak audit says, a sentence each. */
  readonly audit: readonly string[];
}

export function summariseData(windows: Windows, split: Split, audit: readonly string[]): DataSummary {
  return {
    name: windows.datasetName,
    citation: windows.citation,
    isSynthetic: windows.isSynthetic,
    isLeaking: split.isLeaking,
    windows: windows.label.length,
    windowLength: windows.length,
    sampleRateHz: windows.sampleRateHz,
    channels: windows.channels.map(({ name }) => name),
    labels: windows.labels,
    recordings: windows.recordings.length,
    splitKind: split.kind,
    fold: split.fold,
    foldCount: split.foldCount,
    people: { train: split.train, validation: split.validation, test: split.test },
    classCounts: split.classCounts,
    importNotes: windows.notes.map(({ message, count }) => ({ message, count })),
    splitNotes: split.notes.map(({ message }) => message),
    audit,
  };
}
