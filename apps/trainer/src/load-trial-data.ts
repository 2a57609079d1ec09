/** From the agent's files to what a trial trains on: the people of each part, standardised by the training people. */
import { readFile, stat } from 'node:fs/promises';
import { fitScaler, parseSplit, partIndices, readWindows, type Split, standardise, type Windows } from '@kinetune/data';
import type { HeldOutWindows, LabelledWindows, TrialData } from '@kinetune/models';
import { InputError } from '@kinetune/study';

export interface TrialDataFiles {
  readonly windowsFile: string;
  readonly splitFile: string;
}

/** Reads windows files, keeping the last one: the next trial usually has the same. */
export interface WindowsReader {
  read(file: string): Promise<Windows>;
}

export function createWindowsReader(): WindowsReader {
  let last: { readonly key: string; readonly windows: Promise<Windows> } | undefined;
  return {
    async read(file) {
      const facts = await stat(file).catch(() => undefined);
      const key = `${file} ${facts?.ino} ${facts?.size} ${facts?.mtimeMs}`;
      if (last?.key !== key) {
        const windows = readWindows(file);
        last = { key, windows };
        windows.catch(() => (last = undefined));
      }
      return last.windows;
    },
  };
}

/**
 * Training and validation windows of a split; the test people's are not even gathered.
 * @throws InputError when a file is missing, damaged or does not belong to the other.
 */
export async function loadTrialData(
  { windowsFile, splitFile }: TrialDataFiles,
  reader: WindowsReader,
): Promise<TrialData> {
  const { windows, split, indices, scaler, part } = await readParts({ windowsFile, splitFile }, reader);
  return {
    train: part(indices.train),
    validation: part(indices.validation),
    subjectNames: windows.subjects,
    input: {
      scaler,
      channels: windows.channels,
      sampleRateHz: windows.sampleRateHz,
      window: { length: windows.length, step: windows.step },
      labels: windows.labels,
      source: {
        dataset: windows.datasetName,
        isSynthetic: windows.isSynthetic,
        contentHash: windows.contentHash,
        windowsKey: windows.key,
        splitKind: split.kind,
        splitHash: split.hash,
        isLeaking: split.isLeaking,
      },
    },
  };
}

/**
 * The test people's windows, standardised by the training people: for the one look at them.
 * @throws as `loadTrialData`.
 */
export async function loadTestWindows(files: TrialDataFiles, reader: WindowsReader): Promise<HeldOutWindows> {
  const { windows, split, indices, part } = await readParts(files, reader);
  return { ...part(indices.test), subjectNames: windows.subjects, splitHash: split.hash };
}

async function readParts({ windowsFile, splitFile }: TrialDataFiles, reader: WindowsReader) {
  const windows = await reader.read(windowsFile);
  const split = await readSplit(splitFile);
  const indices = partIndices(windows, split);
  const scaler = fitScaler(windows, indices.train);
  const part = (rows: Int32Array): LabelledWindows => {
    const samples = gather(windows, rows);
    return {
      samples: standardise(samples, scaler, samples),
      labels: rows.map((row) => windows.label[row] as number),
      subjects: rows.map((row) => windows.subject[row] as number),
    };
  };
  return { windows, split, indices, scaler, part };
}

async function readSplit(file: string): Promise<Split> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new InputError('split-manifest', `cannot be read: ${(error as Error).message}`, { file });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError('split-manifest', `is not JSON: ${(error as Error).message}`, { file });
  }
  return parseSplit(json, file);
}

/** [rows, T, C] of some windows. */
function gather({ samples, length, channels }: Windows, rows: Int32Array): Float32Array {
  const size = length * channels.length;
  const gathered = new Float32Array(rows.length * size);
  rows.forEach((row, i) => gathered.set(samples.subarray(row * size, (row + 1) * size), i * size));
  return gathered;
}
