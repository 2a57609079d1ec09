/** The main job: a study, or the studies of a group, from the file to their findings. */
import { requeueOrphans } from '@kinetune/storage';
import { InputError, type StudyFile } from '@kinetune/study';
import { trainerCommand } from '../agent/trainer-command.ts';
import { limitsFrom } from '../agent/trial-run.ts';
import { renderFindings } from '../findings/render-findings.ts';
import { gatherGroupReport } from '../report/group-report.ts';
import { renderGroupReport } from '../report/render-group-report.ts';
import { resolveStudies, type ResolvedStudy } from '../studies/resolve-study.ts';
import { count, formatLoss } from '../terminal/format.ts';
import { hasUnicode } from '../terminal/has-unicode.ts';
import { createApiClient } from './api-client.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { listenForInterruption } from './interruption.ts';
import { apiAuthorization, findApi } from './noted-api.ts';
import { openHome } from './open-home.ts';
import type { Output, OutputFlags } from './output.ts';
import { resolveHome, workspaceRoot } from './paths.ts';
import { sameCommand, shownCommand } from './shown-command.ts';
import { resolveStore } from './start-work.ts';
import { DEFAULT_STUDY, readStudySource } from './study-source.ts';
import { trainByApi } from './train-by-api.ts';
import { trainStudy, type TrainedStudy } from './train-study.ts';
import type { WorkFlags } from './work-options.ts';

export interface TrainOptions extends OutputFlags, WorkFlags {
  readonly home?: string;
  readonly trials?: number;
  readonly seed?: number;
  readonly fresh?: boolean;
  readonly shuffleLabels?: boolean;
}

/** Runs or continues the study; gives the exit code. */
export async function train(typedFile: string, options: TrainOptions, output: Output): Promise<number> {
  const source = readStudySource(typedFile);
  const members = resolveStudies(source.studyFile, source).map((study): ResolvedStudy => ({
    ...study,
    ...(options.trials === undefined ? {} : { budget: { trials: options.trials } }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  }));
  const home = resolveHome(options.home);
  // The members of a group have one trainer.
  const command = trainerCommand(workspaceRoot, { trainer: (members[0] as ResolvedStudy).trainer });
  using interruption = listenForInterruption();
  const url = await findApi(home);
  if (url !== undefined) {
    const api = createApiClient(url, apiAuthorization(home));
    return await trainByApi(api, { source, options, output, interruption });
  }
  refuseAsked(source.studyFile);
  await using storage = await openHome(home);
  const { db, isShared } = storage;
  // Alone on the database: what is still RUNNING has lost the process that trained it.
  if (!isShared) await requeueOrphans(db, []);
  const store = resolveStore(options.store, home);
  const session = {
    db,
    isShared,
    home,
    store,
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
  };
  const trained: TrainedStudy[] = [];
  for (const member of members) {
    const end = await trainStudy(member, session);
    if (end === 'stopped') break;
    trained.push(end);
    if (interruption.stop.aborted) break;
  }
  const isGroup = members.length > 1;
  if (!isGroup && trained[0] !== undefined) output.json(trained[0].findings);
  if (interruption.stop.aborted) {
    if (isGroup) output.json({ group: null, studies: trained.map(({ findings }) => findings) });
    output.warn(
      `${stoppedAt(trained.at(-1), isShared ? 'the database' : home)}\nGo on with: ${shownCommand(sameCommand())}`,
    );
    return interruption.exitCode();
  }
  if (isGroup) {
    const group = await gatherGroupReport(
      db,
      trained.map(({ study }) => study),
    );
    output.json({ group, studies: trained.map(({ findings }) => findings) });
    output.result([...trained.map(summary), '', ...renderGroupReport(group).split('\n')]);
  } else {
    const { width, resultStyles: styles } = output;
    for (const { findings } of trained)
      output.result(renderFindings(findings, { width, styles, hasUnicode: hasUnicode() }));
  }
  return exitCodeOf(trained, { store, output });
}

/** Nobody could ask for its trials: that takes an API. */
function refuseAsked({ name, trainer }: StudyFile): void {
  if (trainer !== 'ask' && !(typeof trainer === 'object' && 'ask' in trainer)) return;
  throw new InputError(
    'study-asked',
    `expected a study that agents train, and the trials of ${name} are for those who ask for them: start kinetune serve first and run this again beside it, or create the study over GraphQL, as docs/ask-and-tell.md shows`,
  );
}

function stoppedAt(last: TrainedStudy | undefined, place: string): string {
  if (last === undefined) return 'Stopped before the first trial.';
  return `Stopped. ${last.finished} of ${count(last.total, 'trial')} are finished; they and every finished epoch of the others are kept in ${place}.`;
}

/** A study of a group in a line. */
function summary({ study, findings, finished }: TrainedStudy): string {
  const [best] = findings.best;
  const found =
    best === undefined
      ? 'no trial with a value'
      : `best ${study.objective.metric} ${formatLoss(best.value)} (trial ${best.trial})`;
  return `${study.name}: ${count(finished, 'trial')}, ${found}`;
}

function exitCodeOf(trained: readonly TrainedStudy[], { store, output }: { store: string; output: Output }): number {
  const failures = trained.filter(({ failed }) => failed > 0);
  for (const { study, failed } of failures) {
    output.warn(
      `${count(failed, 'trial')} failed for reasons of the machine, so that ${study.name} is paused: the same command tries them again; their logs lie in ${store}/logs/${study.name}`,
    );
  }
  return failures.length === 0 ? EXIT_CODES.ok : EXIT_CODES.trialsFailed;
}
