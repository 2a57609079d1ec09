/** One study, run or continued to the end of its phases. */
import type { ModelShape } from '@kinetune/models/catalogue';
import { rankTrials } from '@kinetune/search';
import {
  countTrials,
  findStudy,
  listTrials,
  nextConfigurationNumber,
  pauseForMending,
  retryFailedTrials,
  setStudyState,
  type Database,
  type Storage,
  type Study,
} from '@kinetune/storage';
import { InputError, invariant, type TrialState } from '@kinetune/study';
import { diagnoseLeft } from '../agent/diagnose-trial.ts';
import type { FoldData } from '../agent/fold-data.ts';
import { runStudy } from '../agent/run-study.ts';
import { runSharedStudy } from '../agent/run-shared-study.ts';
import { searchPlan, trialsPerConfiguration } from '../agent/search-plan.ts';
import { beginSecondPhase, type SecondPhase } from '../agent/second-phase.ts';
import { studyProgress } from '../agent/study-progress.ts';
import type { TrainerCommand } from '../agent/trainer-process.ts';
import type { Limits } from '../agent/trial-run.ts';
import type { Findings } from '../findings/findings.ts';
import { findDevices } from '../devices/find-devices.ts';
import { gatherFindings } from '../findings/gather-findings.ts';
import { analysedConfigurations } from '../report/analysed-configurations.ts';
import { openStudy, type OpenedStudy } from '../studies/open-study.ts';
import type { PreparedData } from '../studies/prepare-data.ts';
import { prepareTrials, type PreparedTrials } from '../studies/prepare-trials.ts';
import type { ResolvedStudy } from '../studies/resolve-study.ts';
import { count } from '../terminal/format.ts';
import { createRunReporter } from '../terminal/run-reporter.ts';
import { startRunView } from '../terminal/run-view.ts';
import { introduction } from './introduction.ts';
import { untilStopped, type Interruption } from './interruption.ts';
import type { Output } from './output.ts';
import { resolveInputPath, workspaceRoot } from './paths.ts';
import { tellOnce } from './tell-once.ts';
import type { TrainOptions } from './train.ts';

export interface TrainStudyOptions extends Pick<Storage, 'db' | 'isShared'> {
  /** Folder of this machine's own state. */
  readonly home: string;
  /** Folder of windows, checkpoints and logs. */
  readonly store: string;
  readonly command: TrainerCommand;
  readonly options: TrainOptions;
  readonly output: Output;
  readonly interruption: Interruption;
  readonly limits: Limits;
  /** See `nextSteps`. */
  readonly trainWords: readonly string[];
}

export interface TrainedStudy {
  readonly study: Study;
  readonly findings: Findings;
  /** Trials that are never run again, of how many, and those that the machine failed. */
  readonly finished: number;
  readonly total: number;
  readonly failed: number;
}

/** Runs until the study is complete or a stop is asked for. */
export async function trainStudy(asked: ResolvedStudy, session: TrainStudyOptions): Promise<TrainedStudy | 'stopped'> {
  const { db, options, output, interruption, trainWords } = session;
  const prepared = await untilStopped(prepare(asked, session), interruption.stop);
  if (prepared === 'stopped') return 'stopped';
  const { data, folds } = prepared;
  const open = (): Promise<OpenedStudy> =>
    openStudy(db, prepared.study, { isFresh: options.fresh === true, isBudgetStated: options.trials !== undefined });
  const opened = await open().catch((error: unknown) => {
    // Another process has created it since we looked: now it is there to be continued.
    if (session.isShared && error instanceof InputError && error.code === 'study-exists') return open();
    throw error;
  });
  for (const remark of opened.remarks) output.note(remark);
  // Who runs the command again after failures of the machine has mended it.
  const retried = await retryFailedTrials(db, opened.study.id);
  if (retried.length > 0) output.note(`${count(retried.length, 'trial')} that failed before will be tried again.`);

  await diagnoseLeft(db, opened.study, { stop: interruption.stop });
  const study = await runPhases(opened.study, { ...session, data, folds });
  const { counts, total } = await studyProgress(db, study);
  return {
    study,
    findings: await gatherFindings(db, study, { data, trainWords }),
    finished: finishedOf(counts),
    total,
    failed: counts.FAILED,
  };
}

function prepare(asked: ResolvedStudy, session: TrainStudyOptions): Promise<PreparedTrials> {
  const { db, store, options, output, interruption } = session;
  return prepareTrials(asked, {
    db,
    home: store,
    workspaceRoot,
    dataFolder: options.data === undefined ? undefined : resolveInputPath(options.data),
    resolvePath: resolveInputPath,
    onProgress: output.note,
    onWarning: output.warn,
    signal: interruption.stop,
    isControl: options.shuffleLabels === true,
  });
}

interface PhasesOptions extends TrainStudyOptions {
  readonly data: PreparedData | undefined;
  readonly folds: ReadonlyMap<number, FoldData>;
}

/** Runs what is left of the study's phases; gives the study as it is then. */
async function runPhases(opened: Study, session: PhasesOptions): Promise<Study> {
  const { db, isShared, output, interruption } = session;
  let study = opened;
  if (study.state === 'COMPLETED') output.note(`${study.name} is complete; these are its findings.\n`);
  let isSpaceUsedUp = false;
  for (;;) {
    if (study.state !== 'COMPLETED') {
      ({ isSpaceUsedUp } = await runPhase(study, session));
      if (interruption.stop.aborted) break;
      study = await asItIs(db, study);
      // Whoever leads on a shared database begins phases, and ends studies.
      const isOver = isShared ? study.state === 'COMPLETED' : await isPhaseOver(db, study, isSpaceUsedUp);
      if (!isOver) {
        if (!isShared) await pauseForMending(db, study);
        break;
      }
    }
    if (isSpaceUsedUp) output.note(await usedUp(db, study));
    const second = await beginSecondPhase(db, study);
    if (second.type !== 'none') output.note(describe(second));
    if (second.type !== 'begun') {
      if (!isShared) await setStudyState(db, study.id, 'COMPLETED');
      break;
    }
    study = second.study;
  }
  return asItIs(db, study);
}

async function asItIs(db: Database, { id }: Study): Promise<Study> {
  const study = await findStudy(db, id);
  invariant(study !== undefined, 'a study that runs is there');
  return study;
}

async function runPhase(study: Study, session: PhasesOptions): Promise<{ readonly isSpaceUsedUp: boolean }> {
  const { db, home, store, command, data, folds, options, output, interruption, limits } = session;
  const { counts, total } = await studyProgress(db, study);
  const finished = finishedOf(counts);
  const devices = await findDevices({ ...options, slots: options.slots ?? study.parallelism ?? undefined });
  const slots = devices.slots.slice(0, Math.max(1, total - finished));
  output.note(introduction(study, { data, finished, total, slotCount: slots.length }));
  using reporter = createRunReporter(
    startRunView(study, {
      counts,
      slots: slots.length,
      baselines: data?.baselines ?? [],
      best: await bestSoFar(db, study),
      total,
      trialsPerConfiguration: trialsPerConfiguration(study),
    }),
    { stream: process.stderr, styles: output.noteStyles, isQuiet: output.isQuiet, now: () => performance.now() },
  );
  const { stop, stopNow } = interruption;
  const run = { db, study, home, store, slots, stop, stopNow, limits, onEvent: reporter.onEvent };
  if (!session.isShared)
    return await runStudy({ ...run, command, folds, shape: data === undefined ? {} : shapeOf(data) });
  await runSharedStudy({
    ...run,
    work: { type: 'ready', command, folds },
    mustMatchCode: options.anyCode !== true,
    onProblem: tellOnce(output),
  });
  return { isSpaceUsedUp: false };
}

function shapeOf({ summary: { windowLength, channels, labels } }: PreparedData): ModelShape {
  return { windowLength, channelCount: channels.length, classCount: labels.length };
}

/** Whether every configuration of the phase is proposed and every trial has ended, none by the machine's fault. */
async function isPhaseOver(db: Database, study: Study, isSpaceUsedUp: boolean): Promise<boolean> {
  const { QUEUED, RUNNING, FAILED } = await countTrials(db, study.id);
  if (QUEUED + RUNNING + FAILED > 0) return false;
  return isSpaceUsedUp || (await nextConfigurationNumber(db, study.id)) >= searchPlan(study).endConfiguration;
}

async function usedUp(db: Database, study: Study): Promise<string> {
  const tried = (await nextConfigurationNumber(db, study.id)) - searchPlan(study).firstConfiguration;
  return `All ${count(tried, 'configuration')} of the space were tried; the budget of ${searchPlan(study).endConfiguration} is not needed.`;
}

function describe(second: Extract<SecondPhase, { type: 'begun' | 'refused' }>): string {
  const { reason, next } = second.check;
  if (second.type === 'begun' && second.override === null) return `The second phase begins: ${reason}.`;
  if (second.type === 'begun')
    return `The second phase begins in the space as it was explored, although ${reason}. The reason given: ${second.override}`;
  const advice = next === null ? '' : `What to do: ${next.text}. `;
  return `The second phase does not begin: ${reason}. ${advice}To go on all the same, give the reason as exploit.override in the study file.`;
}

/** Trials that are never run again. */
function finishedOf(counts: Readonly<Record<TrialState, number>>): number {
  return counts.COMPLETED + counts.PRUNED + counts.INFEASIBLE + counts.CANCELLED;
}

async function bestSoFar(db: Database, study: Study): Promise<{ trial: string; value: number } | undefined> {
  const configurations = analysedConfigurations(await listTrials(db, study.id), study.space);
  const [best] = rankTrials(configurations, study.objective.direction);
  return best === undefined ? undefined : { trial: String(best.number), value: best.bestValue };
}
