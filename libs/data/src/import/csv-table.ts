import { InputError } from '@kinetune/study';
import { checkText } from './check-text.ts';
import { guessDelimiter, shownColumns, splitCells } from './csv-cells.ts';
import type { CsvOptions } from './csv-options.ts';
import { csvNumber, csvTime } from './csv-time.ts';
import { textLines } from './text-lines.ts';

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
  /** Columns without a name, which are left out. */
  readonly unnamedCount: number;
}

/**
 * Reads a CSV with a header line. Cells may be in double quotes; an empty line is skipped, and Excel's `sep=;` above the header.
 * @throws InputError naming file and line: no UTF-8 text, no header, missing or repeated columns, rows of another width, cells
 * that are no finite number, a quote that is not closed
 */
export function readCsvTable(bytes: Uint8Array, file: string, options: CsvOptions): CsvTable {
  checkText(bytes, file);
  const lines = textLines(bytes);
  const head = readHead(lines, file, options.delimiter);
  const { delimiter } = head;
  const header = head.cells;
  const columns = findColumns(head, file, options);
  const timeUnit = options.timeUnit ?? 's';
  const known = options.labels === undefined ? undefined : new Set(options.labels);

  const rowLines: number[] = [];
  const times: number[] = [];
  const values: number[] = [];
  const labels: string[] = [];
  const subjects: string[] = [];
  const recordings: string[] = [];
  const interned = new Map<string, string>(); // a label is one string, not one for every row
  for (const { line, text } of lines) {
    if (text.trim() === '') continue;
    const cells = splitCells(text, delimiter);
    if (cells === undefined) throw openQuote(file, line);
    if (cells.length !== header.length) {
      throw new InputError('row-width', `expected ${header.length} columns, as in the header, got ${cells.length}.`, {
        file,
        line,
      });
    }
    const cellText = (column: number): string => (cells[column] as string).trim();
    const name = (column: number): string => {
      const cell = cellText(column);
      const known = interned.get(cell);
      if (known === undefined) interned.set(cell, cell);
      return known ?? cell;
    };
    rowLines.push(line);
    if (columns.time !== undefined) {
      const cell = cellText(columns.time);
      const time = csvTime(cell, timeUnit);
      if (Number.isNaN(time)) {
        throw new InputError(
          'not-a-number',
          `expected a time in column ${header[columns.time]} (a number in ${timeUnit}, or ISO 8601 such as 2024-05-01T10:00:00.02), got "${cell.slice(0, 40)}".`,
          { file, line },
        );
      }
      times.push(time);
    }
    for (const column of columns.channels) {
      const value = csvNumber(cellText(column));
      if (Number.isNaN(value)) throw notANumber(cellText(column), header[column] as string, { file, line });
      values.push(value);
    }
    const label = name(columns.label);
    if (known !== undefined && label !== '' && !known.has(label)) {
      throw new InputError(
        'label-unknown',
        `expected one of the labels ${[...known].join(', ')}, got "${label.slice(0, 40)}".`,
        { file, line },
      );
    }
    labels.push(label);
    if (columns.subject !== undefined) {
      const subject = name(columns.subject);
      if (subject === '')
        throw new InputError(
          'subject-missing',
          `expected a person in column ${header[columns.subject]}, got an empty cell.`,
          { file, line },
        );
      subjects.push(subject);
    }
    if (columns.recording !== undefined) recordings.push(name(columns.recording));
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
    unnamedCount: options.channels === undefined ? header.filter((cell) => cell === '').length : 0,
  };
}

interface Head {
  readonly cells: readonly string[];
  readonly delimiter: string;
  readonly line: number;
}

/** The first line that is not empty, or the one under Excel's `sep=;`. */
function readHead(lines: ReturnType<typeof textLines>, file: string, asked: string | undefined): Head {
  let delimiter = asked;
  for (let next = lines.next(); next.done !== true; next = lines.next()) {
    const { line, text } = next.value;
    if (text.trim() === '') continue;
    const separator = /^sep=([,;\t])$/i.exec(text)?.[1];
    if (separator !== undefined) {
      delimiter ??= separator;
      continue;
    }
    delimiter ??= guessDelimiter(text);
    const cells = splitCells(text, delimiter)?.map((cell) => cell.trim());
    if (cells === undefined) throw openQuote(file, line);
    if (!cells.some((cell) => cell !== '' && Number.isNaN(csvNumber(cell))) || cells.filter(isNumber).length >= 3) {
      throw new InputError(
        'csv-header-missing',
        `expected a header line such as time,x,y,z,label,subject, got numbers: ${shownColumns(cells)}. Add a first line that names the columns.`,
        { file, line },
      );
    }
    return { cells, delimiter, line };
  }
  throw new InputError('file-empty', 'expected a header line such as time,x,y,z,label,subject; the file is empty.', {
    file,
  });
}

function isNumber(cell: string): boolean {
  return !Number.isNaN(csvNumber(cell));
}

function openQuote(file: string, line: number): InputError {
  return new InputError(
    'quote-open',
    'expected a closing quote (") on the same line, got none. A cell holds no line end here; take it out, or close the quote.',
    { file, line },
  );
}

function notANumber(cell: string, column: string, where: { readonly file: string; readonly line: number }): InputError {
  let advice = '';
  if (cell === '' || /^(na|nan|null|none)$/i.test(cell))
    advice = ' Leave out rows without a measurement; a gap in time starts a new recording.';
  else if (/^[+-]?\d+,\d+$/.test(cell)) advice = ' Write numbers with a point, not a comma.';
  else if (/[a-z]{2}/i.test(cell)) advice = ' If the column holds no signal, name those that do in channels.';
  return new InputError(
    'not-a-number',
    `expected a finite number in column ${column}, got "${cell.slice(0, 40)}".${advice}`,
    where,
  );
}

interface Columns {
  readonly time: number | undefined;
  readonly channels: readonly number[];
  readonly label: number;
  readonly subject: number | undefined;
  readonly recording: number | undefined;
}

function findColumns({ cells: header, line }: Head, file: string, options: CsvOptions): Columns {
  const twice = header.find((name, index) => name !== '' && header.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new InputError('csv-column-twice', `expected each column once, got "${twice.slice(0, 40)}" twice.`, {
      file,
      line,
    });
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
        `expected a column "${name}" (${why}), got the columns ${shownColumns(header)}. Name the right one in the csv options (data.csv of a study file, --csv of data inspect).`,
        { file, line },
      );
    }
    return index;
  };
  const label = need(options.label ?? 'label', 'the activity');
  const isTimeNeeded = options.time !== undefined || options.sampleRateHz === undefined;
  const time = isTimeNeeded ? need(options.time ?? 'time', 'the time, as no sampleRateHz is given') : find('time');
  const subject = options.subject === undefined ? find('subject') : need(options.subject, 'the person');
  const recording = options.recording === undefined ? undefined : need(options.recording, 'the recording');
  const roles = new Map<number, string>();
  const take = (index: number | undefined, role: string): void => {
    if (index === undefined) return;
    const other = roles.get(index);
    if (other !== undefined) {
      throw new InputError(
        'csv-column-twice',
        `expected a column for one purpose, got "${header[index]}" as the ${other} and as the ${role}. Change one of them in the csv options (data.csv of a study file, --csv of data inspect).`,
        { file, line },
      );
    }
    roles.set(index, role);
  };
  take(label, 'label');
  take(time, 'time');
  take(subject, 'subject');
  if (recording !== subject) take(recording, 'recording'); // a recording a person is fine
  const channels =
    options.channels?.map((name) => need(name, 'a channel')) ??
    header.map((_, index) => index).filter((index) => header[index] !== '' && !roles.has(index));
  for (const channel of channels) take(channel, 'channel'); // a label among the channels would be the answer itself
  if (channels.length === 0) {
    throw new InputError(
      'csv-column-missing',
      `expected columns with signals, such as x, y, z; got the columns ${shownColumns(header)}.`,
      { file, line },
    );
  }
  return { time, channels, label, subject, recording };
}
