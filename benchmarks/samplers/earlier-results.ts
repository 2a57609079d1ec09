/** What of earlier raw results need not be run again. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError } from '@kinetune/study';
import type { RawResults, RecordedFunction } from './raw-results.ts';
import { isRival, type StudyResult, type StudySpec } from './study-spec.ts';

export interface EarlierOptions {
  /** Files of raw results, or folders of them. */
  readonly paths: readonly string[];
  readonly functions: readonly RecordedFunction[];
  /** Ours too, whatever code they were run by. */
  readonly ours: boolean;
}

export interface EarlierResults {
  readonly studies: readonly StudyResult[];
  readonly reused: readonly {
    readonly file: string;
    readonly date: string;
    readonly optuna: string;
    readonly studies: number;
  }[];
}

/** @throws InputError when a file is no raw results. */
export function takeEarlierResults(
  specs: readonly StudySpec[],
  { paths, functions, ours }: EarlierOptions,
): EarlierResults {
  const taken = new Map<string, StudyResult>();
  const files = paths.flatMap((path) => (isFolder(path) ? jsonFiles(path) : [path]));
  const reused = files.map((file) => {
    const raw = readRawResults(file);
    const found = reusable(raw, specs, { functions, ours });
    for (const study of found) taken.set(studyKey(study), study);
    return { file: basename(file), date: raw.date, optuna: raw.optuna, studies: found.length };
  });
  return { studies: [...taken.values()], reused: reused.filter(({ studies }) => studies > 0) };
}

/**
 * The studies that are the same as asked: same contender, setting and seed, on a function of the same fingerprint, of at least
 * as many trials. The rivals' are functions of these and Optuna's version.
 */
export function reusable(
  raw: Pick<RawResults, 'functions' | 'studies'>,
  specs: readonly StudySpec[],
  { functions, ours }: Pick<EarlierOptions, 'functions' | 'ours'>,
): StudyResult[] {
  const same = new Set(
    functions
      .filter(({ name, fingerprint }) =>
        raw.functions.some((recorded) => recorded.name === name && recorded.fingerprint === fingerprint),
      )
      .map(({ name }) => name),
  );
  const recorded = new Map(raw.studies.map((study) => [studyKey(study), study]));
  return specs.flatMap((spec) => {
    const found = recorded.get(studyKey(spec));
    const may = same.has(spec.function) && (ours || isRival(spec.contender));
    return may && found !== undefined && found.budget >= spec.budget ? [found] : [];
  });
}

export function studyKey({ contender, function: name, atOnce, noise, infeasible, seed }: StudySpec): string {
  return JSON.stringify([contender, name, atOnce, noise, infeasible, seed]);
}

function readRawResults(file: string): RawResults {
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

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function jsonFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(folder, name));
}
