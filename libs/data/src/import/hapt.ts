import { InputError } from '@kinetune/study';
import { readEntries } from '../archive/file-source.ts';
import type { FileSource } from '../archive/file-source.ts';
import type { Recording, Segment } from '../recording.ts';
import { assembleDataset } from './assemble-dataset.ts';
import { ACCELERATION_CHANNELS, ANGULAR_VELOCITY_CHANNELS } from './channels.ts';
import { readHaptLabels } from './hapt-labels.ts';
import type { HaptLabelRow } from './hapt-labels.ts';
import type { Importer, Match } from './importer.ts';
import { NoteCollector } from './note-collector.ts';
import { parseNumberRows } from './parse-number-rows.ts';

export interface HaptOptions {
  /** `six`: walking, upstairs, downstairs, sitting, standing, laying. `all`: those and the six postural transitions. */
  readonly activities?: 'six' | 'all';
}

export const HAPT_ACTIVITIES: readonly string[] = [
  'WALKING',
  'WALKING_UPSTAIRS',
  'WALKING_DOWNSTAIRS',
  'SITTING',
  'STANDING',
  'LAYING',
  'STAND_TO_SIT',
  'SIT_TO_STAND',
  'SIT_TO_LIE',
  'LIE_TO_SIT',
  'STAND_TO_LIE',
  'LIE_TO_STAND',
];

/** The published split by people, the same as UCI HAR's. */
export const UCI_TRAIN_SUBJECTS: readonly string[] = '1 3 5 6 7 8 11 14 15 16 17 19 21 22 23 25 26 27 28 29 30'.split(
  ' ',
);
export const UCI_TEST_SUBJECTS: readonly string[] = '2 4 9 10 12 13 18 20 24'.split(' ');

const RAW_FILE = /^(.*\/)?(acc|gyro)_exp(\d+)_user(\d+)\.txt$/;
const LABELS_NAME = 'labels.txt';
const SIGNAL_COLUMNS = 3;

/**
 * UCI HAPT v2.1, the raw part: waist phone, 30 people, 50 Hz, acceleration in g (gravity included), angular velocity in rad/s.
 * `RawData/acc_expXX_userYY.txt`, `gyro_…` of as many lines, and `labels.txt` with rows
 * `experiment user activity first last`, 1-based and inclusive. An experiment is a recording.
 */
export const haptImporter: Importer<HaptOptions> = {
  kind: 'hapt',
  layout: 'RawData/acc_exp01_user01.txt, gyro_exp01_user01.txt, ... and RawData/labels.txt',
  find(source) {
    const roots = new Map<string, string[]>();
    for (const { path } of source.entries) {
      const parts = RAW_FILE.exec(path);
      if (parts === null) continue;
      const root = parts[1] ?? '';
      const signals = roots.get(root) ?? [];
      roots.set(root, signals);
      signals.push(path);
    }
    const present = new Set(source.entries.map(({ path }) => path));
    return [...roots].map(([root, signals]) => {
      const labels = root + LABELS_NAME;
      return { root, entryPaths: present.has(labels) ? [...signals, labels] : signals };
    });
  },
  async read(source, match, { activities = 'all', contentHash }) {
    const experiments = findExperiments(source, match);
    const labelsPath = match.root + LABELS_NAME;
    if (!match.entryPaths.includes(labelsPath)) {
      throw new InputError(
        'hapt-labels-missing',
        'expected labels.txt beside the signals; it is not there. Get the whole data set.',
        {
          file: source.place(labelsPath),
        },
      );
    }
    const labels = HAPT_ACTIVITIES.slice(0, activities === 'six' ? 6 : undefined);
    const rows = readHaptLabels(await source.read(labelsPath), {
      file: source.place(labelsPath),
      activityCount: HAPT_ACTIVITIES.length,
      users: new Map(experiments.map(({ experiment, user }) => [experiment, user])),
    });
    const notes = new NoteCollector();
    const recordings: Recording[] = [];
    const signals = readEntries(
      source,
      experiments.flatMap(({ acc, gyro }) => [acc, gyro]),
    );
    for (const { experiment, user, acc } of experiments) {
      const accSamples = await nextSignal(source, signals);
      const gyroSamples = await nextSignal(source, signals);
      const count = accSamples.values.length / SIGNAL_COLUMNS;
      const gyroCount = gyroSamples.values.length / SIGNAL_COLUMNS;
      if (count !== gyroCount) {
        throw new InputError(
          'hapt-lengths-differ',
          `expected as many lines as ${source.place(acc)} (${count}), got ${gyroCount}.`,
          {
            file: gyroSamples.file,
          },
        );
      }
      if (!rows.has(experiment)) {
        notes.add(
          'hapt-unlabelled',
          'Experiments without a row in labels.txt, hence without windows.',
          accSamples.file,
        );
      }
      recordings.push({
        id: `experiment-${experiment}`,
        subject: String(user),
        samples: interleave(accSamples.values, gyroSamples.values),
        segments: toSegments(rows.get(experiment) ?? [], {
          file: source.place(labelsPath),
          sampleCount: count,
          labelCount: labels.length,
        }),
        facts: { experiment },
      });
    }
    return assembleDataset({
      kind: 'hapt',
      name: activities === 'six' ? 'HAPT-6' : 'HAPT',
      isSynthetic: false,
      sampleRateHz: 50,
      channels: [...ACCELERATION_CHANNELS, ...ANGULAR_VELOCITY_CHANNELS],
      labels,
      recordings,
      officialSplit: { name: 'official people split', train: UCI_TRAIN_SUBJECTS, test: UCI_TEST_SUBJECTS },
      notes: notes.list(),
      contentHash,
      citation:
        'Reyes-Ortiz, Oneto, Samà, Parra, Anguita, Transition-Aware Human Activity Recognition Using Smartphones, Neurocomputing, 2015.',
    });
  },
};

interface Experiment {
  readonly experiment: number;
  readonly user: number;
  readonly acc: string;
  readonly gyro: string;
}

/** Pairs acc and gyro files by experiment, in the order of experiments. */
function findExperiments(source: FileSource, match: Match): Experiment[] {
  const found = new Map<number, { user: number; acc?: string; gyro?: string }>();
  for (const path of match.entryPaths) {
    const parts = RAW_FILE.exec(path);
    if (parts === null) continue;
    const sensor = parts[2] as 'acc' | 'gyro';
    const experiment = Number(parts[3]);
    const user = Number(parts[4]);
    const entry = found.get(experiment) ?? { user };
    if (entry.user !== user || entry[sensor] !== undefined) {
      throw new InputError(
        'hapt-experiment-ambiguous',
        `expected one acc and one gyro file of experiment ${experiment}, of one user, got another one (user ${entry.user} and user ${user}).`,
        {
          file: source.place(path),
        },
      );
    }
    entry[sensor] = path;
    found.set(experiment, entry);
  }
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([experiment, { user, acc, gyro }]) => {
      if (acc === undefined || gyro === undefined) {
        const present = (acc ?? gyro) as string;
        throw new InputError(
          'hapt-file-missing',
          `expected an acc and a gyro file of experiment ${experiment}; the ${acc === undefined ? 'acc' : 'gyro'} file is missing.`,
          {
            file: source.place(present),
          },
        );
      }
      return { experiment, user, acc, gyro };
    });
}

async function nextSignal(
  source: FileSource,
  signals: AsyncGenerator<{ readonly path: string; readonly bytes: Uint8Array }>,
): Promise<{ readonly file: string; readonly values: Float32Array }> {
  const { path, bytes } = (await signals.next()).value as { path: string; bytes: Uint8Array };
  const file = source.place(path);
  return { file, values: parseNumberRows(bytes, { columns: SIGNAL_COLUMNS, file }) };
}

/** Two [N, 3] signals as one [N, 6]. */
function interleave(acc: Float32Array, gyro: Float32Array): Float32Array {
  const samples = new Float32Array(acc.length * 2);
  for (let from = 0, to = 0; from < acc.length; from += 3, to += 6) {
    samples[to] = acc[from] as number;
    samples[to + 1] = acc[from + 1] as number;
    samples[to + 2] = acc[from + 2] as number;
    samples[to + 3] = gyro[from] as number;
    samples[to + 4] = gyro[from + 1] as number;
    samples[to + 5] = gyro[from + 2] as number;
  }
  return samples;
}

interface SegmentLimits {
  readonly file: string;
  readonly sampleCount: number;
  /** Activities from this one on are left out. */
  readonly labelCount: number;
}

/** From 1-based inclusive to 0-based half-open. */
function toSegments(rows: readonly HaptLabelRow[], { file, sampleCount, labelCount }: SegmentLimits): Segment[] {
  const sorted = rows.toSorted((a, b) => a.first - b.first);
  for (const [index, { first, last, line, experiment }] of sorted.entries()) {
    if (last > sampleCount) {
      throw new InputError(
        'label-beyond-recording',
        `expected samples 1 to ${sampleCount} of experiment ${experiment}, got ${first} to ${last}.`,
        { file, line },
      );
    }
    const previous = sorted[index - 1];
    if (previous !== undefined && previous.last >= first) {
      throw new InputError(
        'labels-overlap',
        `expected segments apart, got samples ${first} to ${last}, which overlap line ${previous.line} (${previous.first} to ${previous.last}).`,
        { file, line },
      );
    }
  }
  return sorted
    .filter(({ activity }) => activity <= labelCount)
    .map(({ first, last, activity }) => ({ start: first - 1, end: last, label: activity - 1 }));
}
