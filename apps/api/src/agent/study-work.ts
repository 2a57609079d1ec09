/** What an agent needs to train a study's trials: the program, and the data as the study has them. */
import type { Database, Study } from '@kinetune/storage';
import { EnvironmentError, InputError } from '@kinetune/study';
import { prepareTrials } from '../studies/prepare-trials.ts';
import type { FoldData } from './fold-data.ts';
import { trainerCommand } from './trainer-command.ts';
import type { TrainerCommand } from './trainer-process.ts';

export type StudyWork =
  | {
      readonly type: 'ready';
      readonly command: TrainerCommand;
      /** By fold. */
      readonly folds: ReadonlyMap<number, FoldData>;
    }
  /** This machine cannot train it: its data are not here, or not the same. */
  | { readonly type: 'not-here'; readonly reason: string };

export interface StudyWorkOptions {
  readonly db: Database;
  /** Folder of windows and splits. */
  readonly store: string;
  readonly workspaceRoot: string;
  /** `--data`, absolute. */
  readonly dataFolder?: string | undefined;
  /** Makes a path of a study absolute. */
  readonly resolvePath: (path: string) => string;
  readonly onProgress: (message: string) => void;
  readonly signal: AbortSignal;
}

/** Prepares a study's data here and holds them against the study's split: equal hashes are equal people and windows. */
export async function prepareWork(study: Study, options: StudyWorkOptions): Promise<StudyWork> {
  const { db, store, workspaceRoot, dataFolder, resolvePath, onProgress, signal } = options;
  try {
    const command = trainerCommand(workspaceRoot, { trainer: study.trainer });
    const prepared = await prepareTrials(study, {
      db,
      home: store,
      workspaceRoot,
      dataFolder: study.data === null ? undefined : dataFolder,
      resolvePath,
      onProgress,
      onWarning: onProgress,
      signal,
      isControl: false,
    });
    const { splitHash } = prepared.study;
    if (study.splitHash !== null && splitHash !== study.splitHash) {
      return notHere(
        `the recordings here are others than those it was started with: expected the split ${study.splitHash}, got ${splitHash ?? 'none'}`,
      );
    }
    const { shuffleLabelsSeed } = study;
    const folds = [...prepared.folds].map(([fold, { data, fingerprint }]): [number, FoldData] => [
      fold,
      data === undefined || shuffleLabelsSeed === null
        ? { data, fingerprint }
        : { data: { ...data, shuffleLabelsSeed }, fingerprint },
    ]);
    return { type: 'ready', command, folds: new Map(folds) };
  } catch (error) {
    if (error instanceof InputError || error instanceof EnvironmentError) return notHere(error.message);
    throw error;
  }
}

function notHere(reason: string): StudyWork {
  return { type: 'not-here', reason };
}
