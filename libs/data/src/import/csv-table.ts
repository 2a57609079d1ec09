import { InputError } from '@kinetune/study';
import { textLines } from './text-lines.ts';
import type { CsvOptions, TimeUnit } from './csv-options.ts';

/** The columns of a CSV file that an import needs, one value a row. */
export interface CsvTable {
  readonly file: string;
  /** Names of the channel columns. */
  readonly channels: readonly string[];
  /** Line of each row, for messages. */
  readonly lines: readonly number[];
  /** Seconds; undefined where the file has no time column. */
  readonly times: readonly number[] | undefined;
  /** Row-major [rows, channels], in the file's units. */
  readonly values: readonly number[];
  /** '' where unlabelled. */
  readonly labels: readonly string[];
  /** undefined where the file has no such column. */
  readonly subjects: readonly string[] | undefined;
  readonly recordings: readonly string[] | undefined;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const PER_SECOND: Readonly<Record<TimeUnit, number>> = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 };

/**
 * Reads a CSV with a header line. Cells may be in double quotes; an empty line is skipped.
 * @throws InputError naming file and line: missing or repeated columns, rows of another width, cells that are no finite number
 */
export function readCsvTable(bytes: Uint8Array, file: string, options: CsvOptions): CsvTable {
  const lines = textLines(bytes);
  const head = lines.next();
  if (head.done === true || head.value.text.trim() === '') {
    throw new InputError('file-empty', 'expected a header line such as time,x,y,z,label,subject; the file is empty.', {
      file,
    });
  }
  const delimiter = options.delimiter ?? guessDelimiter(head.value.text);
  const header = splitCells(head.value.text, delimiter).map((cell) => cell.trim());
  const columns = findColumns(header, file, options);
  const perSecond = PER_SECOND[options.timeUnit ?? 's'];
  const known = options.labels === undefined ? undefined : new Set(options.labels);

  const rowLines: number[] = [];
  const times: number[] = [];
  const values: number[] = [];
  const labels: string[] = [];
  const subjects: string[] = [];
  const recordings: string[] = [];
  for (const { line, text } of lines) {
    if (text.trim() === '') continue;
    const cells = splitCells(text, delimiter);
    if (cells.length !== header.length) {
      throw new InputError('row-width', `expected ${header.length} columns, as in the header, got ${cells.length}.`, {
        file,
        line,
      });
    }
    const number = (column: number): number => {
      const cell = (cells[column] as string).trim();
      const value = NUMBER.test(cell) ? Number(cell) : NaN;
      if (!Number.isFinite(value) || !Number.isFinite(Math.fround(value))) {
        throw new InputError(
          'not-a-number',
          `expected a finite number in column ${header[column]}, got "${cell.slice(0, 40)}".`,
          { file, line },
        );
      }
      return value;
    };
    const cellText = (column: number): string => (cells[column] as string).trim();
    rowLines.push(line);
    if (columns.time !== undefined) times.push(readTime(cellText(columns.time), perSecond) ?? number(columns.time));
    for (const column of columns.channels) values.push(number(column));
    const label = cellText(columns.label);
    if (known !== undefined && label !== '' && !known.has(label)) {
      throw new InputError(
        'label-unknown',
        `expected one of the labels ${[...known].join(', ')}, got "${label.slice(0, 40)}".`,
        { file, line },
      );
    }
    labels.push(label);
    if (columns.subject !== undefined) {
      const subject = cellText(columns.subject);
      if (subject === '')
        throw new InputError(
          'subject-missing',
          `expected a person in column ${header[columns.subject]}, got an empty cell.`,
          { file, line },
        );
      subjects.push(subject);
    }
    if (columns.recording !== undefined) recordings.push(cellText(columns.recording));
  }
  if (rowLines.length === 0) throw new InputError('file-empty', 'expected rows under the header, got none.', { file });
  return {
    file,
    channels: columns.channels.map((column) => header[column] as string),
    lines: rowLines,
    times: columns.time === undefined ? undefined : times,
    values,
    labels,
    subjects: columns.subject === undefined ? undefined : subjects,
    recordings: columns.recording === undefined ? undefined : recordings,
  };
}

interface Columns {
  readonly time: number | undefined;
  readonly channels: readonly number[];
  readonly label: number;
  readonly subject: number | undefined;
  readonly recording: number | undefined;
}

function findColumns(header: readonly string[], file: string, options: CsvOptions): Columns {
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new InputError('csv-column-twice', `expected each column once, got "${twice}" twice.`, { file, line: 1 });
  }
  const find = (name: string): number | undefined => {
    const exact = header.indexOf(name);
    const index = exact >= 0 ? exact : header.findIndex((cell) => cell.toLowerCase() === name.toLowerCase());
    return index < 0 ? undefined : index;
  };
  const need = (name: string, why: string): number => {
    const index = find(name);
    if (index === undefined) {
      throw new InputError(
        'csv-column-missing',
        `expected a column "${name}" (${why}), got the columns ${header.join(', ')}. Name the right one in the csv options.`,
        { file, line: 1 },
      );
    }
    return index;
  };
  const label = need(options.label ?? 'label', 'the activity');
  const isTimeNeeded = options.time !== undefined || options.sampleRateHz === undefined;
  const time = isTimeNeeded ? need(options.time ?? 'time', 'the time, as no sampleRateHz is given') : find('time');
  const subject = options.subject === undefined ? find('subject') : need(options.subject, 'the person');
  const recording = options.recording === undefined ? undefined : need(options.recording, 'the recording');
  const taken = new Set([label, time, subject, recording]);
  const channels =
    options.channels?.map((name) => need(name, 'a channel')) ??
    header.map((_, index) => index).filter((index) => !taken.has(index));
  if (channels.length === 0) {
    throw new InputError(
      'csv-column-missing',
      `expected columns with signals, such as x, y, z; got the columns ${header.join(', ')}.`,
      { file, line: 1 },
    );
  }
  return { time, channels, label, subject, recording };
}

/** Seconds of an ISO 8601 time stamp; undefined for a plain number in the file's unit, which the caller reads. */
function readTime(cell: string, perSecond: number): number | undefined {
  if (NUMBER.test(cell)) return Number(cell) / perSecond;
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(cell)) return undefined;
  const milliseconds = Date.parse(cell);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

function guessDelimiter(header: string): string {
  const count = (delimiter: string): number => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

function splitCells(text: string, delimiter: string): string[] {
  if (!text.includes('"')) return text.split(delimiter);
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '"') {
      if (isQuoted && text[i + 1] === '"') cell += text[++i] ?? '';
      else isQuoted = !isQuoted;
    } else if (c === delimiter && !isQuoted) {
      cells.push(cell);
      cell = '';
    } else cell += c;
  }
  cells.push(cell);
  return cells;
}
