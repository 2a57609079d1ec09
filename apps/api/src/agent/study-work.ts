/** What an agent needs to train a study's trials: the program, and the data as the study has them. */
import { listTrials, type Database, type Fingerprint, type Study } from '@kinetune/storage';
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
  /** Train nothing of a study whose trials ran on other code than ours: results would not be comparable. */
  readonly mustMatchCode?: boolean;
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
    const own = [...prepared.folds.values()][0]?.fingerprint ?? {};
    const differing = options.mustMatchCode === true ? await codeApart(db, study, own) : undefined;
    if (differing !== undefined) return notHere(differing);
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

/** What a result depends on besides data and machine: its code, and by the lock file the engine. */
const CODE = ['gitCommit', 'uncommittedDiffSha256', 'lockFileSha256'] as const;

/** In what our code differs from that of the study's last trial that has begun; undefined where in nothing. */
async function codeApart(db: Database, study: Study, own: Fingerprint): Promise<string | undefined> {
  const begun = (await listTrials(db, study.id)).filter(({ fingerprint }) => fingerprint !== null);
  const last = begun.toSorted((a, b) => (a.startedAt?.getTime() ?? 0) - (b.startedAt?.getTime() ?? 0)).at(-1);
  const theirs = last?.fingerprint ?? own;
  const name = CODE.find((one) => (theirs[one] ?? null) !== (own[one] ?? null));
  return name === undefined
    ? undefined
    : `its trials ran on other code: expected ${name} ${String(theirs[name])}, got ${String(own[name])} here. Bring both to the same version, or pass --any-code`;
}

function notHere(reason: string): StudyWork {
  return { type: 'not-here', reason };
}
