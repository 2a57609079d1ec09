/** One study, run or continued to the end of its phases. */
import type { ModelShape } from '@kinetune/models/catalogue';
import { rankTrials } from '@kinetune/search';
import {
  countTrials,
  findStudy,
  listTrials,
  nextConfigurationNumber,
  retryFailedTrials,
  setStudyState,
  type Database,
  type Study,
} from '@kinetune/storage';
import { invariant, type TrialState } from '@kinetune/study';
import { diagnoseLeft } from '../agent/diagnose-trial.ts';
import type { FoldData } from '../agent/fold-data.ts';
import { runStudy } from '../agent/run-study.ts';
import { searchPlan, trialsPerConfiguration } from '../agent/search-plan.ts';
import { beginSecondPhase, type SecondPhase } from '../agent/second-phase.ts';
import type { TrainerCommand } from '../agent/trainer-process.ts';
import type { Limits } from '../agent/trial-run.ts';
import type { Findings } from '../findings/findings.ts';
import { findDevices } from '../devices/find-devices.ts';
import { gatherFindings } from '../findings/gather-findings.ts';
import { analysedConfigurations } from '../report/analysed-configurations.ts';
import { openStudy } from '../studies/open-study.ts';
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
import type { TrainOptions } from './train.ts';

export interface TrainStudyOptions {
  readonly db: Database;
  readonly home: string;
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
  const opened = await openStudy(db, prepared.study, {
    isFresh: options.fresh === true,
    isBudgetStated: options.trials !== undefined,
  });
  for (const remark of opened.remarks) output.note(remark);
  // Who runs the command again after failures of the machine has mended it.
  const retried = await retryFailedTrials(db, opened.study.id);
  if (retried.length > 0) output.note(`${count(retried.length, 'trial')} that failed before will be tried again.`);

  await diagnoseLeft(db, opened.study, interruption.stop);
  const study = await runPhases(opened.study, { ...session, data, folds });
  const counts = await countTrials(db, study.id);
  return {
    study,
    findings: await gatherFindings(db, study, { data, trainWords }),
    finished: finishedOf(counts),
    total: await totalTrials(db, study),
    failed: counts.FAILED,
  };
}

function prepare(asked: ResolvedStudy, session: TrainStudyOptions): Promise<PreparedTrials> {
  const { db, home, options, output, interruption } = session;
  return prepareTrials(asked, {
    db,
    home,
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
  const { db, output, interruption } = session;
  let study = opened;
  if (study.state === 'COMPLETED') output.note(`${study.name} is complete; these are its findings.\n`);
  let isSpaceUsedUp = false;
  for (;;) {
    const isComplete = study.state === 'COMPLETED';
    if (!isComplete) ({ isSpaceUsedUp } = await runPhase(study, session));
    if (interruption.stop.aborted || !(isComplete || (await isPhaseOver(db, study, isSpaceUsedUp)))) break;
    if (isSpaceUsedUp) output.note(await usedUp(db, study));
    const second = await beginSecondPhase(db, study);
    if (second.type !== 'none') output.note(describe(second));
    if (second.type !== 'begun') return setStudyState(db, study.id, 'COMPLETED');
    study = second.study;
  }
  const now = await findStudy(db, study.id);
  invariant(now !== undefined, 'a study that runs is there');
  return now;
}

async function runPhase(study: Study, session: PhasesOptions): Promise<{ readonly isSpaceUsedUp: boolean }> {
  const { db, home, command, data, folds, options, output, interruption, limits } = session;
  const counts = await countTrials(db, study.id);
  const total = await totalTrials(db, study);
  const finished = finishedOf(counts);
  const devices = await findDevices({ slots: options.slots ?? study.parallelism ?? undefined });
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
  return await runStudy({
    db,
    study,
    home,
    command,
    slots,
    folds,
    shape: data === undefined ? {} : shapeOf(data),
    stop: interruption.stop,
    stopNow: interruption.stopNow,
    onEvent: reporter.onEvent,
    limits,
  });
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

/** Trials that there are, and those of the configurations that are still to be proposed. */
async function totalTrials(db: Database, study: Study): Promise<number> {
  const existing = Object.values(await countTrials(db, study.id)).reduce((sum, trials) => sum + trials, 0);
  const open = searchPlan(study).endConfiguration - (await nextConfigurationNumber(db, study.id));
  return existing + (study.state === 'COMPLETED' ? 0 : Math.max(0, open) * trialsPerConfiguration(study));
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
