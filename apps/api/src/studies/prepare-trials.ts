/** What a study's trials train on, made ready: recordings of ours, or nothing where the trainer brings its own. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Fingerprint, NewStudy, Trainer } from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import type { FoldData } from '../agent/fold-data.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { PreparedData } from './prepare-data.ts';
import { prepareFolds } from './prepare-folds.ts';
import { prepareStudyData, type PrepareStudyOptions } from './prepare-study-data.ts';
import type { ResolvedStudy } from './resolve-study.ts';

export interface PreparedTrials {
  readonly study: NewStudy;
  /** Of the study's own fold; undefined where the trainer brings its own. */
  readonly data: PreparedData | undefined;
  readonly folds: ReadonlyMap<number, FoldData>;
}

export interface PrepareTrialsOptions extends PrepareStudyOptions {
  readonly workspaceRoot: string;
}

/** @throws InputError for data that cannot be used, and for --data and --shuffle-labels where they mean nothing. */
export async function prepareTrials(asked: ResolvedStudy, options: PrepareTrialsOptions): Promise<PreparedTrials> {
  const { workspaceRoot, dataFolder, isControl } = options;
  const { data: spec, trainer } = asked;
  if (isControl && trainer.kind !== 'built-in') {
    throw new InputError(
      'control-without-labels',
      `--shuffle-labels: expected a study of the built-in trainer, whose labels can be permuted; ${asked.name} is trained by a command`,
    );
  }
  if (spec === null) {
    if (dataFolder !== undefined)
      throw new InputError('data-not-used', `--data: ${asked.name} names no data; its trainer brings its own`);
    const { folds: _, ...study } = asked;
    const fingerprint = { ...fingerprintOf({ workspaceRoot, dataHash: null, splitHash: null }) };
    return {
      study: { ...study, folds: null, splitHash: null },
      data: undefined,
      folds: new Map([[0, { data: undefined, fingerprint: { ...fingerprint, ...programOf(trainer, workspaceRoot) } }]]),
    };
  }
  const { study, data } = await prepareStudyData({ ...asked, data: spec }, options);
  const { folds, splitHash } = await prepareFolds(study, data, options);
  const fingerprint = fingerprintOf({ workspaceRoot, dataHash: data.windows.contentHash, splitHash });
  const { shuffleLabelsSeed } = study;
  const foldData = [...folds].map(([fold, { windowsFile, splitFile, manifestHash }]): [number, FoldData] => [
    fold,
    {
      data: { windowsFile, splitFile, ...(shuffleLabelsSeed === null ? {} : { shuffleLabelsSeed }) },
      fingerprint: { ...fingerprint, ...programOf(trainer, workspaceRoot), splitHash: manifestHash },
    },
  ]);
  return { study: { ...study, splitHash }, data, folds: new Map(foldData) };
}

/** The command's files and what they held when the trial began: results depend on them as on our own code. */
function programOf(trainer: Trainer, workspaceRoot: string): Fingerprint {
  if (trainer.kind !== 'command') return {};
  const folder = resolve(workspaceRoot, trainer.folder ?? '.');
  const files = trainer.command
    .map((word) => [word, resolve(folder, word)] as const)
    .filter(([, file]) => existsSync(file) && statSync(file).isFile());
  const hashes = files.map(([word, file]) => [word, createHash('sha256').update(readFileSync(file)).digest('hex')]);
  return { trainerCommand: trainer.command, trainerFilesSha256: Object.fromEntries(hashes) };
}
