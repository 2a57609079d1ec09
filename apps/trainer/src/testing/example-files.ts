/** Windows and a split as an agent hands them over: three movements of six people, told apart by frequency. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSplit, type Windows, writeWindows } from '@kinetune/data';
import { createRng } from '@kinetune/study';

const LENGTH = 32;
const LABELS = ['slow', 'medium', 'fast'];
const PEOPLE = ['1', '2', '3', '4', '5', '6'];
const WINDOWS_EACH = 40;

export interface ExampleFiles {
  readonly windowsFile: string;
  readonly splitFile: string;
}

/** Writes both files into `folder`. */
export async function writeExampleFiles(folder: string): Promise<ExampleFiles> {
  const windows = exampleWindows();
  const windowsFile = join(folder, 'example.windows');
  const splitFile = join(folder, 'split.json');
  await writeWindows(windowsFile, windows);
  const split = createSplit(windows, { kind: 'group-k-fold', folds: 3, fold: 0, seed: 0 });
  writeFileSync(splitFile, JSON.stringify(split));
  return { windowsFile, splitFile };
}

export function exampleWindows(): Windows {
  const count = PEOPLE.length * WINDOWS_EACH;
  const samples = new Float32Array(count * LENGTH * 3);
  const rng = createRng('example files');
  const label = Int32Array.from({ length: count }, () => rng.integer(LABELS.length));
  const subject = Int32Array.from({ length: count }, (_, w) => Math.floor(w / WINDOWS_EACH));
  for (let i = 0; i < samples.length; i++) {
    const t = Math.floor(i / 3) % LENGTH;
    const w = Math.floor(i / (3 * LENGTH));
    const wave = Math.sin(0.3 * ((label[w] as number) + 1) * t + w + (i % 3));
    samples[i] = (i % 3) + (1 + 0.1 * (subject[w] as number)) * wave + 0.3 * rng.normal();
  }
  return {
    datasetKind: 'synthetic',
    datasetName: 'example',
    isSynthetic: true,
    contentHash: '0'.repeat(64),
    key: '1'.repeat(64),
    citation: 'none',
    sampleRateHz: 10,
    channels: ['accX', 'accY', 'accZ'].map((name) => ({ name, quantity: 'acceleration', unit: 'g' })),
    labels: LABELS,
    subjects: PEOPLE,
    recordings: PEOPLE.map((name) => `recording-${name}`),
    length: LENGTH,
    step: LENGTH,
    officialSplit: undefined,
    notes: [],
    samples,
    label,
    subject,
    recording: subject,
    start: Int32Array.from({ length: count }, (_, w) => (w % WINDOWS_EACH) * LENGTH),
  };
}
