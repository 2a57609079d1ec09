/** The main job: a study, or the studies of a group, from the file to their findings. */
import { openStorage, requeueOrphans } from '@kinetune/storage';
import { trainerCommand } from '../agent/trainer-command.ts';
import { limitsFrom } from '../agent/trial-run.ts';
import { renderFindings } from '../findings/render-findings.ts';
import { resolveStudy, type ResolvedStudy } from '../studies/resolve-study.ts';
import { count } from '../terminal/format.ts';
import { hasUnicode } from '../terminal/has-unicode.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { listenForInterruption } from './interruption.ts';
import type { Output, OutputFlags } from './output.ts';
import { resolveHome, workspaceRoot } from './paths.ts';
import { sameCommand, shownCommand } from './shown-command.ts';
import { DEFAULT_STUDY, readStudySource } from './study-source.ts';
import { trainStudy, type TrainedStudy } from './train-study.ts';

export interface TrainOptions extends OutputFlags {
  readonly data?: string;
  readonly home?: string;
  readonly trials?: number;
  readonly slots?: number;
  readonly seed?: number;
  readonly fresh?: boolean;
  readonly shuffleLabels?: boolean;
}

/** Runs or continues the study; gives the exit code. */
export async function train(typedFile: string, options: TrainOptions, output: Output): Promise<number> {
  const source = readStudySource(typedFile);
  const asked: ResolvedStudy = {
    ...resolveStudy(source.studyFile, source),
    ...(options.trials === undefined ? {} : { budget: { trials: options.trials } }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  };
  const home = resolveHome(options.home);
  const command = trainerCommand(workspaceRoot);
  using interruption = listenForInterruption();
  await using storage = await openStorage(home);
  const { db } = storage;
  // The home's lock is ours, so no other agent lives on it: what is still RUNNING has lost its own.
  await requeueOrphans(db, []);
  const trained = await trainStudy(asked, {
    db,
    home,
    command,
    options,
    output,
    interruption,
    limits: limitsFrom(process.env),
    trainWords: [
      ...(typedFile === DEFAULT_STUDY ? [] : [typedFile]),
      ...(options.data === undefined ? [] : ['--data', options.data]),
      ...(options.seed === undefined ? [] : ['--seed', String(options.seed)]),
      ...(options.home === undefined ? [] : ['--home', options.home]),
    ],
  });
  if (trained === 'stopped') {
    output.warn(`Stopped before the first trial. Go on with: ${shownCommand(sameCommand())}`);
    return interruption.exitCode();
  }
  const { findings, finished, total } = trained;
  output.json(findings);
  if (interruption.stop.aborted) {
    output.warn(
      `Stopped. ${finished} of ${count(total, 'trial')} are finished; they and every finished epoch of the others are kept in ${home}.\n` +
        `Go on with: ${shownCommand(sameCommand())}`,
    );
    return interruption.exitCode();
  }
  output.result(
    renderFindings(findings, { width: output.width, styles: output.resultStyles, hasUnicode: hasUnicode() }),
  );
  return exitCodeOf(trained, { home, output });
}

function exitCodeOf({ study, failed }: TrainedStudy, { home, output }: { home: string; output: Output }): number {
  if (failed === 0) return EXIT_CODES.ok;
  output.warn(
    `${count(failed, 'trial')} failed for reasons of the machine; their logs lie in ${home}/logs/${study.name}`,
  );
  return EXIT_CODES.trialsFailed;
}
