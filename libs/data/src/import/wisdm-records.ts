import { InputError } from '@kinetune/study';
import type { NoteCollector } from './note-collector.ts';
import { textLines } from './text-lines.ts';

export interface WisdmRecord {
  readonly line: number;
  readonly user: number;
  readonly label: number;
  /** Nanoseconds; undefined where the file has 0. */
  readonly time: number | undefined;
  /** m/s² */
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

interface RecordRules {
  readonly file: string;
  readonly activities: readonly string[];
  readonly notes: NoteCollector;
}

/** Above this share of records that cannot be read, the file is taken for something else. The published one has under 1e-4. */
const MAX_MALFORMED_SHARE = 0.01;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Records `user,activity,timestamp,x,y,z;`. What the published file is known to contain is noted and survived: several records
 * on a line, a missing value, a trailing comma, a time stamp of 0. Records that cannot be used are left out, each counted.
 * @throws InputError naming the line for an unknown activity and for values that are not finite; naming the file where it
 * holds no records or mostly others
 */
export function* readWisdmRecords(bytes: Uint8Array, { file, activities, notes }: RecordRules): Generator<WisdmRecord> {
  let recordCount = 0;
  let malformedCount = 0;
  let firstMalformed = 0;
  for (const { line, text } of textLines(bytes)) {
    const place = `${file}:${line}`;
    const records = text.split(';').filter((record) => record.trim() !== '');
    if (records.at(-1)?.trim() === ',') {
      records.pop();
      notes.add('wisdm-trailing-comma', 'Lines with a comma too many at their end; read without it.', place);
    }
    if (records.length > 1) notes.add('wisdm-several-records', 'Lines with several records; all are read.', place);
    for (const record of records) {
      recordCount++;
      const fields = record.split(',').map((field) => field.trim());
      if (fields.length === 7 && fields[6] === '') {
        fields.pop();
        notes.add('wisdm-trailing-comma', 'Lines with a comma too many at their end; read without it.', place);
      }
      const [user = '', activity = '', timestamp = '', ...axes] = fields;
      const label = activities.indexOf(activity);
      if (axes.length === 3 && axes.some(isNotFinite)) {
        throw new InputError('not-a-number', `expected finite accelerations, got "${axes.join(',').slice(0, 60)}".`, {
          file,
          line,
        });
      }
      if (label < 0 && fields.length === 6 && NUMBER.test(user) && /^[A-Za-z]/.test(activity)) {
        throw new InputError(
          'label-unknown',
          `expected one of the activities ${activities.join(', ')}, got "${activity.slice(0, 40)}".`,
          { file, line },
        );
      }
      const isOurs = label >= 0 && /^\d{1,6}$/.test(user) && axes.every((axis) => axis === '' || NUMBER.test(axis));
      const isTimed = /^\d{1,18}(\.\d*)?$/.test(timestamp);
      const isWhole = axes.length === 3 && !axes.includes('');
      if (!isOurs || !isTimed || !isWhole) {
        malformedCount++;
        firstMalformed ||= line;
        if (isOurs && (isTimed || timestamp === '') && axes.length <= 3)
          notes.add('wisdm-missing-value', 'Records in which a value is missing; left out.', place);
        else notes.add('wisdm-malformed', 'Records that cannot be read; left out.', place);
        continue;
      }
      const [x, y, z] = axes.map(Number) as [number, number, number];
      const time = Number(timestamp);
      if (time === 0 && x === 0 && y === 0 && z === 0) {
        notes.add(
          'wisdm-placeholder',
          'Records with time 0 and no acceleration at all, which no sensor at rest measures; left out.',
          place,
        );
        continue;
      }
      if (time === 0) notes.add('wisdm-zero-time', 'Records with time 0; kept in the order of the file.', place);
      yield { line, user: Number(user), label, time: time === 0 ? undefined : time, x, y, z };
    }
  }
  if (recordCount === 0)
    throw new InputError('file-empty', 'expected records user,activity,timestamp,x,y,z; got none.', { file });
  if (malformedCount > Math.max(10, MAX_MALFORMED_SHARE * recordCount) || malformedCount === recordCount) {
    throw new InputError(
      'wisdm-malformed',
      `expected records user,activity,timestamp,x,y,z; ${malformedCount} of ${recordCount} cannot be read, the first here.`,
      { file, line: firstMalformed },
    );
  }
}

/** Written as such, or a number beyond float32. */
function isNotFinite(axis: string): boolean {
  return /^[+-]?(nan|inf(inity)?)$/i.test(axis) || (NUMBER.test(axis) && !Number.isFinite(Math.fround(Number(axis))));
}
