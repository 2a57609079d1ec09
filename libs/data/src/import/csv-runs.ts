import { InputError } from '@kinetune/study';
import type { CsvTable } from './csv-table.ts';
import type { NoteCollector } from './note-collector.ts';

/** Rows of one table that belong to one person and one recording, in the order of time. */
export interface CsvRun {
  readonly table: CsvTable;
  readonly subject: string;
  readonly recording: string;
  readonly rows: readonly number[];
}

/**
 * Gathers rows into runs. With a recording column, rows of one person and recording belong together wherever they are in the
 * file; without one, a run ends where the person changes.
 * @param fileSubject the person where the table has no subject column
 * @throws InputError naming the line where time runs backwards
 */
export function csvRuns(table: CsvTable, fileSubject: string, notes: NoteCollector): CsvRun[] {
  const runs: { subject: string; recording: string; rows: number[] }[] = [];
  const byKey = new Map<string, (typeof runs)[number]>();
  for (let row = 0; row < table.lines.length; row++) {
    const subject = table.subjects?.[row] ?? fileSubject;
    const recording = table.recordings?.[row] ?? '';
    const previous = runs.at(-1);
    const isContinued = table.recordings === undefined && previous?.subject === subject;
    const key = JSON.stringify([subject, recording]);
    let run = table.recordings === undefined ? (isContinued ? previous : undefined) : byKey.get(key);
    if (run === undefined) {
      run = { subject, recording, rows: [] };
      runs.push(run);
      byKey.set(key, run);
    }
    const last = run.rows.at(-1);
    if (last !== undefined && table.times !== undefined) {
      const step = (table.times[row] as number) - (table.times[last] as number);
      if (step < 0) {
        throw new InputError(
          'time-not-monotone',
          `expected time to grow within a recording, got ${table.times[row]} s after ${table.times[last]} s (line ${table.lines[last]}). Sort the rows, or name a column that tells recordings apart.`,
          { file: table.file, line: table.lines[row] as number },
        );
      }
      if (step === 0) {
        notes.add(
          'time-repeated',
          'Rows with the time of the row before; left out.',
          `${table.file}:${table.lines[row]}`,
        );
        continue;
      }
    }
    run.rows.push(row);
  }
  return runs.map((run) => ({ table, ...run }));
}

/** Parts of a run without a step in time above `maxStepSeconds`. */
export function splitAtGaps(
  { table, rows }: CsvRun,
  maxStepSeconds: number,
  notes: NoteCollector,
): readonly (readonly number[])[] {
  const { times } = table;
  if (times === undefined) return [rows];
  const parts: number[][] = [[]];
  for (const [index, row] of rows.entries()) {
    const previous = rows[index - 1];
    if (previous !== undefined && (times[row] as number) - (times[previous] as number) > maxStepSeconds * (1 + 1e-9)) {
      notes.add('time-gap', 'Gaps in time; a new recording starts behind each.', `${table.file}:${table.lines[row]}`);
      parts.push([]);
    }
    parts.at(-1)?.push(row);
  }
  return parts;
}
