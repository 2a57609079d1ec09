/** What importing a path shows: recordings, people, labels, channels, windows by class, and the audit of a split. */
import {
  createSplit,
  cutWindows,
  importDataset,
  type Channel,
  type ImportKind,
  type ImportNote,
  type Split,
  type Windows,
} from '@kinetune/data';
import { InputError, type CsvSpec, type SplitSpec } from '@kinetune/study';
import { auditSentences } from './audit-sentences.ts';

export interface InspectOptions {
  readonly kind: ImportKind | undefined;
  /** How to read a CSV. */
  readonly csv?: CsvSpec | undefined;
  readonly window: { readonly length: number; readonly step: number };
  /** Without it: the published split where there is one, else five folds by people. */
  readonly split: SplitSpec | undefined;
}

/** A plain JSON value. */
export interface Inspection {
  readonly path: string;
  readonly kind: string;
  readonly name: string;
  readonly citation: string;
  readonly contentHash: string;
  readonly sampleRateHz: number;
  readonly channels: readonly Channel[];
  readonly recordings: number;
  readonly samples: number;
  readonly seconds: number;
  readonly people: readonly { readonly name: string; readonly recordings: number; readonly windows: number }[];
  readonly classes: readonly { readonly name: string; readonly windows: number }[];
  readonly windows: { readonly count: number; readonly length: number; readonly step: number };
  readonly notes: readonly ImportNote[];
  /** null where the data have too few people for the split that would be taken unless one is named. */
  readonly split: Pick<
    Split,
    'kind' | 'fold' | 'foldCount' | 'train' | 'validation' | 'test' | 'isLeaking' | 'classCounts' | 'notes' | 'hash'
  > | null;
  /** Why there is no split. */
  readonly splitProblem: string | null;
  readonly audit: readonly string[];
}

/** @throws InputError naming file and line for what cannot be imported, cut or split. */
export async function inspectDataset(path: string, options: InspectOptions): Promise<Inspection> {
  const dataset = await importDataset(path, { kind: options.kind, csv: options.csv });
  const windows = cutWindows(dataset, options.window);
  const { split, problem } = splitOf(windows, options.split, dataset.officialSplit !== undefined);
  const samples = dataset.recordings.reduce(
    (sum, recording) => sum + recording.samples.length / dataset.channels.length,
    0,
  );
  const count = (indices: Int32Array, index: number): number =>
    indices.reduce((sum, one) => sum + (one === index ? 1 : 0), 0);
  return {
    path,
    kind: dataset.kind,
    name: dataset.name,
    citation: dataset.citation,
    contentHash: dataset.contentHash,
    sampleRateHz: dataset.sampleRateHz,
    channels: dataset.channels,
    recordings: dataset.recordings.length,
    samples,
    seconds: samples / dataset.sampleRateHz,
    people: windows.subjects.map((name, index) => ({
      name,
      recordings: dataset.recordings.filter(({ subject }) => subject === name).length,
      windows: count(windows.subject, index),
    })),
    classes: windows.labels.map((name, index) => ({ name, windows: count(windows.label, index) })),
    windows: { count: windows.label.length, length: windows.length, step: windows.step },
    notes: windows.notes,
    split: split === undefined ? null : splitFacts(split),
    splitProblem: problem ?? null,
    audit: split === undefined ? [] : auditSentences(windows, split),
  };
}

function splitFacts({
  kind,
  fold,
  foldCount,
  train,
  validation,
  test,
  isLeaking,
  classCounts,
  notes,
  hash,
}: Split): NonNullable<Inspection['split']> {
  return { kind, fold, foldCount, train, validation, test, isLeaking, classCounts, notes, hash };
}

/** A split that was asked for must be possible; without one, a recording of a single person can be looked at all the same. */
function splitOf(
  windows: Windows,
  asked: SplitSpec | undefined,
  hasOfficial: boolean,
): { readonly split: Split | undefined; readonly problem?: string } {
  if (asked !== undefined) return { split: createSplit(windows, asked) };
  try {
    return { split: createSplit(windows, defaultSplit(hasOfficial, windows.subjects.length)) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { split: undefined, problem: error.message };
  }
}

function defaultSplit(hasOfficial: boolean, people: number): SplitSpec {
  if (hasOfficial) return { kind: 'official', seed: 0, validationShare: 0.2 };
  return { kind: 'group-k-fold', folds: Math.max(3, Math.min(5, people)), fold: 0, seed: 0 };
}
