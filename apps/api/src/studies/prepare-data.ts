/** From a data specification to what trainers read: windows in the cache, the split's manifest, the audit, the baselines. */
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSplit, loadWindows, windowsCacheKey, type Split, type Windows } from '@kinetune/data';
import { findDataset, saveDataset, type Database } from '@kinetune/storage';
import type { DataSpec } from '@kinetune/study';
import { auditSentences } from './audit-sentences.ts';
import { buildWindows } from './build-windows.ts';
import { summariseData, type Baseline, type DataSummary } from './data-summary.ts';
import { scoreBaselines } from './score-baselines.ts';
import { locateRecordings, type LocateOptions } from './locate-recordings.ts';

export interface PreparedData {
  readonly spec: DataSpec;
  readonly windows: Windows;
  readonly windowsFile: string;
  readonly splitFile: string;
  /** Over people of each part and windows: equal hashes mean that results can be compared. */
  readonly manifestHash: string;
  readonly summary: DataSummary;
  readonly baselines: readonly Baseline[];
  /** Where the recordings came from. */
  readonly place: string;
}

export interface PrepareOptions extends LocateOptions {
  readonly db: Database;
}

/** Recordings cut into windows and split by people, without baselines and with no record of it in the database. */
export interface SurveyedData {
  readonly windows: Windows;
  readonly windowsFile: string;
  readonly split: Split;
  readonly summary: DataSummary;
  readonly place: string;
}

/** @throws as `prepareData`. The windows are kept in the cache. */
export async function surveyData(spec: DataSpec, options: LocateOptions): Promise<SurveyedData> {
  const { home, onProgress, signal } = options;
  const located = await locateRecordings(spec, options);
  const {
    windows,
    path: windowsFile,
    rejected,
  } = await loadWindows({
    cacheFolder: join(home, 'windows'),
    key: windowsCacheKey(located.contentHash, spec.window),
    build: async () => {
      onProgress(`reading ${located.place}`);
      return buildWindows({ spec, path: located.path }, signal);
    },
  });
  if (rejected !== undefined) onProgress(`the window cache was damaged and has been rebuilt: ${rejected}`);
  const split = createSplit(windows, spec.split);
  const summary = summariseData(windows, split, auditSentences(windows, split));
  return { windows, windowsFile, split, summary, place: located.place };
}

/** @throws InputError for data that cannot be used; EnvironmentError where they cannot be had or stored. */
export async function prepareData(spec: DataSpec, options: PrepareOptions): Promise<PreparedData> {
  const { db, home, onProgress } = options;
  const { windows, windowsFile, split, summary, place } = await surveyData(spec, options);
  const splitFile = writeManifest(home, split);
  const manifestHash = createHash('sha256').update(`${windows.key} ${split.hash}`).digest('hex');

  const key = { contentHash: windows.contentHash, spec };
  const known = await findDataset(db, key);
  let baselines =
    known?.splitHash === manifestHash ? (known.baselines?.scores as readonly Baseline[] | undefined) : undefined;
  if (baselines === undefined) {
    onProgress('scoring the baselines: majority class and logistic regression');
    baselines = await scoreBaselines({ windowsFile, split }, options.signal);
  }
  await saveDataset(db, {
    ...key,
    splitHash: manifestHash,
    summary: { ...summary },
    baselines: { scores: baselines },
    isSynthetic: summary.isSynthetic,
    isLeaking: summary.isLeaking,
  });
  return { spec, windows, windowsFile, splitFile, manifestHash, summary, baselines, place };
}

/** The manifest under its hash; the same hash is the same file, so a writer at the same time does no harm. */
function writeManifest(home: string, split: Split): string {
  const folder = join(home, 'splits');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${split.hash}.json`);
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(split)}\n`);
  renameSync(temporary, file);
  return file;
}
