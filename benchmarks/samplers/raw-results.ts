/** Results as raw JSON, one study a line, and what of earlier ones can be used again. */
import { readFileSync, writeFileSync } from 'node:fs';
import { InputError } from '@kinetune/study';
import type { Bar } from './bars.ts';
import type { SuggestionTime } from './suggestion-times.ts';
import { isRival, type StudyResult, type StudySpec } from './study-spec.ts';

export interface RawResults {
  readonly date: string;
  readonly command: readonly string[];
  readonly machine: Readonly<Record<string, string | number>>;
  readonly optuna: string;
  readonly functions: readonly RecordedFunction[];
  /** Files whose studies were used instead of running them again. */
  readonly reused: readonly { readonly file: string; readonly studies: number }[];
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

/** @throws InputError when the file is no raw results. */
export function readRawResults(file: string): RawResults {
  let raw: Partial<RawResults>;
  try {
    raw = JSON.parse(readFileSync(file, 'utf8')) as Partial<RawResults>;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError('reuse', `--reuse: expected raw results of this benchmark (JSON), but ${file}: ${reason}`);
  }
  if (!Array.isArray(raw.studies) || !Array.isArray(raw.functions)) {
    throw new InputError(
      'reuse',
      `--reuse: expected raw results of this benchmark, ${file} has no studies and functions`,
    );
  }
  return raw as RawResults;
}

export interface ReuseOptions {
  readonly functions: readonly RecordedFunction[];
  /** Ours too, whatever code they were run by. */
  readonly ours: boolean;
}

/**
 * The studies of earlier results that are the same as asked: same contender, setting and seed, on a function of the same
 * fingerprint, of at least as many trials. The rivals' are functions of these and Optuna's version.
 */
export function reusable(raw: RawResults, specs: readonly StudySpec[], options: ReuseOptions): StudyResult[] {
  const same = new Set(
    options.functions
      .filter(({ name, fingerprint }) =>
        raw.functions.some((recorded) => recorded.name === name && recorded.fingerprint === fingerprint),
      )
      .map(({ name }) => name),
  );
  const recorded = new Map(raw.studies.map((study) => [studyKey(study), study]));
  return specs.flatMap((spec) => {
    const found = recorded.get(studyKey(spec));
    const may = same.has(spec.function) && (options.ours || isRival(spec.contender));
    return may && found !== undefined && found.budget >= spec.budget ? [found] : [];
  });
}

export function studyKey({ contender, function: name, atOnce, noise, infeasible, seed }: StudySpec): string {
  return JSON.stringify([contender, name, atOnce, noise, infeasible, seed]);
}
