import { InputError } from '@kinetune/study';
import type { FileSource } from '../archive/file-source.ts';
import type { Channel, Recording } from '../recording.ts';
import { assembleDataset } from './assemble-dataset.ts';
import { ACCELERATION_CHANNELS, ANGULAR_VELOCITY_CHANNELS } from './channels.ts';
import { HAPT_ACTIVITIES } from './hapt.ts';
import type { Importer } from './importer.ts';
import { joinHalfOverlapping } from './join-half-overlapping.ts';
import { parseNumberRows } from './parse-number-rows.ts';
import { textLines } from './text-lines.ts';

const SETS = ['train', 'test'] as const;
type SetName = (typeof SETS)[number];

const WINDOW = 128;
const ACTIVITIES = HAPT_ACTIVITIES.slice(0, 6);
const MAX_SUBJECT = 30;

/** Signal files in the order of our channels: total acceleration and gyroscope as elsewhere, then body acceleration. */
const SIGNALS = ['total_acc', 'body_gyro', 'body_acc'].flatMap((signal) =>
  ['x', 'y', 'z'].map((axis) => `${signal}_${axis}`),
);
const BODY_CHANNELS: readonly Channel[] = ['bodyAccX', 'bodyAccY', 'bodyAccZ'].map((name) => ({
  name,
  quantity: 'acceleration',
  unit: 'g',
}));

/**
 * UCI HAR v1.0, inertial signals: waist phone, 30 people, 50 Hz, filtered, published as windows of 128 that overlap by half.
 * Windows that continue each other are joined into recordings again, so cutting 128 samples every 64 gives exactly the
 * published windows (7,352 train, 2,947 test), and no sample is counted twice. 9 channels: `acc` includes gravity, `bodyAcc`
 * does not.
 */
export const uciHarImporter: Importer<unknown> = {
  kind: 'uci-har',
  layout:
    'train/Inertial Signals/total_acc_x_train.txt, ..., train/y_train.txt, train/subject_train.txt, and the same for test',
  find(source) {
    const roots = new Set<string>();
    for (const { path } of source.entries) {
      const at = path.search(
        /(train\/(y|subject)_train|test\/(y|subject)_test|(train|test)\/Inertial Signals\/\w+_(train|test))\.txt$/,
      );
      if (at === 0 || path[at - 1] === '/') roots.add(path.slice(0, at));
    }
    const present = new Set(source.entries.map(({ path }) => path));
    return [...roots].map((root) => ({ root, entryPaths: filesOf(root).filter((path) => present.has(path)) }));
  },
  async read(source, match, { contentHash }) {
    const missing = filesOf(match.root).filter((path) => !match.entryPaths.includes(path));
    if (missing.length > 0) {
      const names = missing.map((path) => path.slice(match.root.length));
      const shown =
        names.length > 6 ? `${names.slice(0, 6).join(', ')} and ${names.length - 6} more` : names.join(', ');
      throw new InputError(
        'uci-har-files-missing',
        `expected the whole UCI HAR data set; ${names.length} of ${filesOf('').length} files are missing: ${shown}. Get the published zip, with its Inertial Signals folders.`,
        { file: match.root === '' ? source.path : source.place(match.root.replace(/\/$/, '')) },
      );
    }
    const recordings: Recording[] = [];
    const people: Record<SetName, string[]> = { train: [], test: [] };
    for (const set of SETS) {
      const { subjects, labels, windows } = await readSet(source, match.root, set);
      people[set] = [...new Set(subjects)].sort((a, b) => a - b).map(String);
      recordings.push(
        ...joinHalfOverlapping(windows, {
          windowLength: WINDOW,
          channelCount: SIGNALS.length,
          subjects,
          labels,
          idPrefix: set,
        }),
      );
    }
    const shared = people.train.filter((person) => people.test.includes(person));
    if (shared.length > 0) {
      throw new InputError(
        'uci-har-people-shared',
        `expected different people in train and test, got ${shared.join(', ')} in both.`,
        {
          file: source.place(`${match.root}test/subject_test.txt`),
        },
      );
    }
    return assembleDataset({
      kind: 'uci-har',
      name: 'UCI HAR',
      isSynthetic: false,
      sampleRateHz: 50,
      channels: [...ACCELERATION_CHANNELS, ...ANGULAR_VELOCITY_CHANNELS, ...BODY_CHANNELS],
      labels: ACTIVITIES,
      recordings,
      officialSplit: { name: 'official people split', train: people.train, test: people.test },
      notes: [],
      contentHash,
      citation:
        'Anguita, Ghio, Oneto, Parra, Reyes-Ortiz, A Public Domain Dataset for Human Activity Recognition Using Smartphones, ESANN 2013.',
    });
  },
};

function filesOf(root: string): string[] {
  return SETS.flatMap((set) => [
    `${root}${set}/y_${set}.txt`,
    `${root}${set}/subject_${set}.txt`,
    ...SIGNALS.map((signal) => `${root}${set}/Inertial Signals/${signal}_${set}.txt`),
  ]);
}

interface WindowSet {
  readonly subjects: readonly number[];
  /** Index into ACTIVITIES of each window. */
  readonly labels: readonly number[];
  /** A [W, 128] array for each channel. */
  readonly windows: readonly Float32Array[];
}

async function readSet(source: FileSource, root: string, set: SetName): Promise<WindowSet> {
  const labelsPath = `${root}${set}/y_${set}.txt`;
  const labels = await readCodes(source, labelsPath, { maximum: ACTIVITIES.length, what: 'an activity' });
  const subjects = await readCodes(source, `${root}${set}/subject_${set}.txt`, {
    maximum: MAX_SUBJECT,
    what: 'a subject',
  });
  const expectRows = (path: string, rows: number): void => {
    if (rows === labels.length) return;
    throw new InputError(
      'uci-har-lengths-differ',
      `expected as many lines as ${source.place(labelsPath)} (${labels.length}), got ${rows}.`,
      {
        file: source.place(path),
      },
    );
  };
  expectRows(`${root}${set}/subject_${set}.txt`, subjects.length);
  const windows: Float32Array[] = [];
  for (const signal of SIGNALS) {
    const path = `${root}${set}/Inertial Signals/${signal}_${set}.txt`;
    const values = parseNumberRows(await source.read(path), { columns: WINDOW, file: source.place(path) });
    expectRows(path, values.length / WINDOW);
    windows.push(values);
  }
  return { subjects, labels: labels.map((label) => label - 1), windows };
}

/** One whole number a line, from 1 to `maximum`. */
async function readCodes(
  source: FileSource,
  path: string,
  { maximum, what }: { readonly maximum: number; readonly what: string },
): Promise<number[]> {
  const file = source.place(path);
  const codes: number[] = [];
  let blankLine = 0;
  for (const { line, text } of textLines(await source.read(path))) {
    if (text.trim() === '') {
      blankLine ||= line;
      continue;
    }
    // A line left empty would move every code behind it to the window before.
    if (blankLine > 0) {
      throw new InputError('label-missing', `expected ${what} on each line, got an empty line. Get the file again.`, {
        file,
        line: blankLine,
      });
    }
    const code = /^\d{1,4}$/.test(text.trim()) ? Number(text) : NaN;
    if (!(code >= 1 && code <= maximum)) {
      throw new InputError(
        'label-unknown',
        `expected ${what} from 1 to ${maximum}, got "${text.trim().slice(0, 40)}".`,
        { file, line },
      );
    }
    codes.push(code);
  }
  if (codes.length === 0) throw new InputError('file-empty', `expected ${what} a line, got an empty file.`, { file });
  return codes;
}
