import { InputError } from '@kinetune/study';
import type { Recording, Segment } from '../recording.ts';
import { assembleDataset } from './assemble-dataset.ts';
import { ACCELERATION_CHANNELS, STANDARD_GRAVITY } from './channels.ts';
import type { Importer } from './importer.ts';
import { NoteCollector } from './note-collector.ts';
import { readWisdmRecords } from './wisdm-records.ts';

export interface WisdmOptions {
  /** A longer step in time ends a recording. 1 s unless stated: the phones' own jitter stays well below. */
  readonly maxGapSeconds?: number;
}

export const WISDM_ACTIVITIES: readonly string[] = [
  'Walking',
  'Jogging',
  'Upstairs',
  'Downstairs',
  'Sitting',
  'Standing',
];

const RAW_NAME = 'WISDM_ar_v1.1_raw.txt';
const RAW_PATH = /(^|\/)WISDM_ar_v1\.1_raw\.txt$/;
const BESIDE_RAW = /(^|\/)WISDM_ar_v1\.1_(raw_about\.txt|trans_about\.txt|transformed\.arff)$/;
const NANOSECONDS = 1e9;

/**
 * WISDM v1.1 raw: phone in the pocket, acceleration in m/s² (gravity included), 20 Hz, 36 people. Records
 * `user,activity,timestamp,x,y,z;` with known defects, which are counted in the notes. A recording is what follows in the
 * file, of one person, without a gap in time; a segment is one activity in it.
 */
export const wisdmImporter: Importer<WisdmOptions> = {
  kind: 'wisdm',
  layout: `${RAW_NAME}, or WISDM_ar_latest.tar.gz`,
  find(source) {
    const raw = source.entries.filter(
      ({ path }) => RAW_PATH.test(path) || (source.kind === 'file' && /wisdm.*raw.*\.txt$/i.test(path)),
    );
    if (raw.length > 0) return raw.map(({ path }) => ({ root: path.replace(/[^/]*$/, ''), entryPaths: [path] }));
    const beside = source.entries.find(({ path }) => BESIDE_RAW.test(path));
    return beside === undefined ? [] : [{ root: beside.path.replace(/[^/]*$/, ''), entryPaths: [] }];
  },
  async read(source, match, { maxGapSeconds = 1, contentHash }) {
    const entryPath = match.entryPaths[0];
    if (entryPath === undefined) {
      throw new InputError(
        'wisdm-raw-missing',
        `expected ${RAW_NAME} with the raw signals; only the descriptions or the transformed features are here. Get WISDM_ar_latest.tar.gz.`,
        { file: match.root === '' ? source.path : source.place(match.root.replace(/\/$/, '')) },
      );
    }
    const file = source.place(entryPath);
    const notes = new NoteCollector();
    const recordings: Recording[] = [];
    const runs = new Map<number, number>();
    let values: number[] = [];
    let segments: Segment[] = [];
    let user: number | undefined;
    let lastTime: number | undefined;

    const finish = (): void => {
      if (user !== undefined && values.length > 0) {
        const run = (runs.get(user) ?? 0) + 1;
        runs.set(user, run);
        recordings.push({
          id: `user-${user}-run-${run}`,
          subject: String(user),
          samples: Float32Array.from(values),
          segments,
          facts: {},
        });
      }
      values = [];
      segments = [];
      lastTime = undefined;
    };
    for (const record of readWisdmRecords(await source.read(entryPath), {
      file,
      activities: WISDM_ACTIVITIES,
      notes,
    })) {
      const place = `${file}:${record.line}`;
      if (user !== record.user) {
        finish();
        if (runs.has(record.user))
          notes.add(
            'wisdm-user-returns',
            'A person whose records are not in one piece; each piece is a recording of its own.',
            place,
          );
      } else if (record.time !== undefined && lastTime !== undefined) {
        const step = (record.time - lastTime) / NANOSECONDS;
        if (step < 0) {
          notes.add('wisdm-time-backwards', 'Time runs backwards; a new recording starts there.', place);
          finish();
        } else if (step > maxGapSeconds) {
          notes.add(
            'wisdm-time-gap',
            `Gaps of more than ${maxGapSeconds} s; a new recording starts behind each.`,
            place,
          );
          finish();
        } else if (step === 0)
          notes.add('wisdm-time-repeated', 'Records with the time stamp of the one before; kept.', place);
      }
      user = record.user;
      lastTime = record.time ?? lastTime;
      const start = values.length / 3;
      values.push(record.x / STANDARD_GRAVITY, record.y / STANDARD_GRAVITY, record.z / STANDARD_GRAVITY);
      const current = segments.at(-1);
      if (current?.label === record.label) segments[segments.length - 1] = { ...current, end: start + 1 };
      else segments.push({ start, end: start + 1, label: record.label });
    }
    finish();
    return assembleDataset({
      kind: 'wisdm',
      name: 'WISDM v1.1',
      isSynthetic: false,
      sampleRateHz: 20,
      channels: ACCELERATION_CHANNELS,
      labels: WISDM_ACTIVITIES,
      recordings,
      officialSplit: {
        name: 'users 1 to 26 and 27 to 36 (Ignatov 2018)',
        train: Array.from({ length: 26 }, (_, index) => String(index + 1)),
        test: Array.from({ length: 10 }, (_, index) => String(index + 27)),
      },
      notes: notes.list(),
      contentHash,
      citation: 'Kwapisz, Weiss, Moore, Activity Recognition using Cell Phone Accelerometers, SensorKDD 2010.',
    });
  },
};
