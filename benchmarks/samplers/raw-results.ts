/** Results as raw JSON, one study a line. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bar } from './bars.ts';
import type { EarlierResults } from './earlier-results.ts';
import type { SuggestionTime } from './suggestion-times.ts';
import type { StudyResult } from './study-spec.ts';

export interface RawResults {
  readonly date: string;
  readonly command: readonly string[];
  readonly machine: Readonly<Record<string, string | number>>;
  /** The version that ran the rivals' studies here; 'none' where all were reused, or none was asked for. */
  readonly optuna: string;
  readonly functions: readonly RecordedFunction[];
  /** Files whose studies were used instead of running them again; `studies` holds those that were run alone. */
  readonly reused: EarlierResults['reused'];
  readonly times: readonly SuggestionTime[];
  readonly bars: readonly Bar[];
  readonly studies: readonly StudyResult[];
}

export interface RecordedFunction {
  readonly name: string;
  readonly interquartileRange: number;
  readonly minimum: number | null;
  readonly fingerprint: string;
}

export function writeRawResults(file: string, { studies, ...head }: RawResults): void {
  const lines = studies.map((study) => `  ${JSON.stringify(study)}`).join(',\n');
  writeFileSync(file, `${JSON.stringify(head, null, 1).slice(0, -2)},\n "studies": [\n${lines}\n ]\n}\n`);
}

/** A file named for the second, reserved: two runs may begin in the same one. */
export function reserveFile(folder: string, date: string): string {
  mkdirSync(folder, { recursive: true });
  const name = date.slice(0, 19).replaceAll(':', '');
  for (let count = 1; ; count++) {
    const file = join(folder, count === 1 ? `${name}.json` : `${name}-${count}.json`);
    try {
      writeFileSync(file, '', { flag: 'wx' });
      return file;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
