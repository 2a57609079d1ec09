import { createHash } from 'node:crypto';
import { InputError } from '@kinetune/study';
import { isArray } from '../numpy/pickle-globals.ts';
import { arrayNumbers } from '../numpy/array-numbers.ts';
import { readObjectNpy } from '../numpy/read-npy.ts';
import { pickleString } from '../numpy/pickle-values.ts';
import type { Dataset, Recording } from '../recording.ts';
import { assembleDataset } from './assemble-dataset.ts';
import { ACCELERATION_CHANNELS, ANGULAR_VELOCITY_CHANNELS } from './channels.ts';
import type { Importer } from './importer.ts';
import { NoteCollector } from './note-collector.ts';

/** The file that the Python package seglearn 1.2.5 carries. */
export const WATCH_SHA256 = 'eb122f23cdf06ef6bd6c6c5312958ec5cf9d038e2e6d457b8081662c75a42537';
export const WATCH_FILE_NAME = 'watch_dataset.npy';

const CHANNEL_NAMES = 'ax ay az wx wy wz';
const CHANNEL_COUNT = 6;

/**
 * Smart-watch recordings of shoulder exercises: 10 people, 2 arms, 7 exercises, 50 Hz. The file is a pickled dict: X (a list
 * of [N, 6] arrays, acceleration in g and angular velocity in rad/s), y, side (1 right, 0 left), subject, X_labels, y_labels.
 * Every series is one exercise of one arm of one person, hence one recording with one segment.
 */
export const watchImporter: Importer<unknown> = {
  kind: 'watch',
  layout: `${WATCH_FILE_NAME}, or the seglearn wheel that carries it`,
  find: (source) =>
    source.entries
      .filter(({ path }) => isWatchName(path) || (source.kind === 'file' && path.endsWith('.npy')))
      .map(({ path }) => ({ root: path.replace(/[^/]*$/, ''), entryPaths: [path] })),
  async read(source, match, { contentHash }) {
    const entryPath = match.entryPaths[0] as string;
    return readWatch(await source.read(entryPath), { file: source.place(entryPath), contentHash });
  },
};

function isWatchName(path: string): boolean {
  return path === WATCH_FILE_NAME || path.endsWith(`/${WATCH_FILE_NAME}`);
}

/** @throws InputError where the file holds something else than the watch data */
export function readWatch(
  bytes: Uint8Array,
  options: { readonly file: string; readonly contentHash: string },
): Dataset {
  const { file } = options;
  const wrong = (what: string): InputError =>
    new InputError(
      'watch-content',
      `expected the watch data (a dict with X, y, side, subject, X_labels, y_labels), got ${what}. Fetch it again: kinetune data fetch watch.`,
      { file },
    );
  const dict = readObjectNpy(bytes, { file });
  if (!(dict instanceof Map)) throw wrong('something that is no dict');
  const entry = (key: string): unknown => {
    if (!dict.has(key)) throw wrong(`no ${key}`);
    return dict.get(key);
  };
  const names = (key: string): string[] => {
    const list = entry(key);
    const texts = Array.isArray(list) ? list.map(pickleString) : [];
    if (texts.length === 0 || !texts.every((text) => text !== undefined && text !== ''))
      throw wrong(`${key} that is no list of names`);
    return texts as string[];
  };
  const series = entry('X');
  if (!Array.isArray(series) || series.length === 0) throw wrong('X that is no list of series');
  const numbers = (key: string): Float64Array => {
    const array = entry(key);
    if (!isArray(array) || array.shape.length !== 1 || array.shape[0] !== series.length) {
      throw wrong(`${key} that is no array of ${series.length} numbers, one for each series`);
    }
    try {
      return arrayNumbers(array);
    } catch (error) {
      throw wrong(`${key} with ${(error as Error).message}`);
    }
  };
  const channels = names('X_labels').join(' ');
  if (channels !== CHANNEL_NAMES) throw wrong(`the channels ${channels} instead of ${CHANNEL_NAMES}`);
  const labels = names('y_labels');
  if (new Set(labels).size < labels.length)
    throw wrong(`y_labels that repeat a name: ${labels.join(' ').slice(0, 60)}`);
  const y = numbers('y');
  const side = numbers('side');
  const subject = numbers('subject');

  const notes = new NoteCollector();
  if (createHash('sha256').update(bytes).digest('hex') !== WATCH_SHA256) {
    notes.add(
      'watch-other-file',
      'The file differs from the published one (its sha256 is not that of seglearn 1.2.5).',
      file,
    );
  }
  let heldBytes = 0;
  const taken = new Map<string, number>();
  const recordings = series.map((array: unknown, index): Recording => {
    const at = `series ${index}`;
    if (!isArray(array) || array.shape.length !== 2 || array.shape[1] !== CHANNEL_COUNT || array.shape[0] === 0) {
      throw wrong(
        `${at} of shape (${isArray(array) ? array.shape.join(', ') : 'none'}) instead of (n, ${CHANNEL_COUNT})`,
      );
    }
    // A pickle can name one array many times; the series together cannot hold more than the file does.
    heldBytes += (array.data as Uint8Array).length;
    if (heldBytes > bytes.length) throw wrong('series that repeat the same array');
    const label = y[index] as number;
    const person = subject[index] as number;
    if (!Number.isInteger(label) || label < 0 || label >= labels.length)
      throw wrong(`the label ${label} in ${at}, where 0 to ${labels.length - 1} are known`);
    if (!Number.isSafeInteger(person)) throw wrong(`the subject ${person} in ${at}`);
    if (side[index] !== 0 && side[index] !== 1) throw wrong(`the side ${side[index]} in ${at} instead of 0 or 1`);
    const arm = side[index] === 1 ? 'right' : 'left';
    const exercise = labels[label] as string;
    const name = `subject-${person}-${arm}-${exercise}`;
    const repeat = (taken.get(name) ?? 0) + 1;
    taken.set(name, repeat);
    return {
      id: repeat === 1 ? name : `${name}-${repeat}`,
      subject: String(person),
      samples: finiteSamples(array, (what) => wrong(`${what} in ${at}`)),
      segments: [{ start: 0, end: array.shape[0] as number, label }],
      facts: { arm, exercise, series: index },
    };
  });
  return assembleDataset({
    kind: 'watch',
    name: 'Watch data (shoulder exercises)',
    isSynthetic: false,
    sampleRateHz: 50,
    channels: [...ACCELERATION_CHANNELS, ...ANGULAR_VELOCITY_CHANNELS],
    labels,
    recordings,
    officialSplit: undefined,
    notes: notes.list(),
    contentHash: options.contentHash,
    citation:
      'Burns et al., Shoulder physiotherapy exercise recognition: machine learning the inertial signals from a smartwatch, 2018 (arXiv 1802.01489); data from the package seglearn (BSD-3).',
  });
}

function finiteSamples(array: Parameters<typeof arrayNumbers>[0], wrong: (what: string) => InputError): Float32Array {
  let samples: Float32Array;
  try {
    samples = Float32Array.from(arrayNumbers(array));
  } catch (error) {
    throw wrong((error as Error).message);
  }
  const bad = samples.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw wrong(
      `a value that is not finite (sample ${Math.floor(bad / CHANNEL_COUNT)}, channel ${bad % CHANNEL_COUNT})`,
    );
  return samples;
}
