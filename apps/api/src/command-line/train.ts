/** The main job: a study from its file to its findings. */
import { availableParallelism } from 'node:os';
import { rankTrials } from '@kinetune/search';
import {
  countTrials,
  listTrials,
  openStorage,
  requeueOrphans,
  retryFailedTrials,
  setStudyState,
  type Database,
  type NewStudy,
  type Study,
} from '@kinetune/storage';
import type { TrialState } from '@kinetune/study';
import { runStudy } from '../agent/run-study.ts';
import { trainerCommand } from '../agent/trainer-command.ts';
import { limitsFrom } from '../agent/trial-run.ts';
import { gatherFindings } from '../findings/gather-findings.ts';
import { renderFindings } from '../findings/render-findings.ts';
import { fingerprintOf } from '../studies/fingerprint.ts';
import { openStudy } from '../studies/open-study.ts';
import type { PreparedData } from '../studies/prepare-data.ts';
import { prepareStudyData } from '../studies/prepare-study-data.ts';
import { resolveStudy } from '../studies/resolve-study.ts';
import { count, formatPercent } from '../terminal/format.ts';
import { hasUnicode } from '../terminal/has-unicode.ts';
import { createRunReporter } from '../terminal/run-reporter.ts';
import { startRunView } from '../terminal/run-view.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { listenForInterruption, untilStopped, type Interruption } from './interruption.ts';
import type { Output, OutputFlags } from './output.ts';
import { resolveHome, resolveInputPath, workspaceRoot } from './paths.ts';
import { sameCommand, shownCommand } from './shown-command.ts';
import { DEFAULT_STUDY, readStudySource } from './study-source.ts';

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
  const resolved = resolveStudy(source.studyFile, source);
  const asked = {
    ...resolved,
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

  const prepared = await untilStopped(
    prepareStudyData(asked, {
      db,
      home,
      dataFolder: options.data === undefined ? undefined : resolveInputPath(options.data),
      resolvePath: resolveInputPath,
      onProgress: output.note,
      onWarning: output.warn,
      signal: interruption.stop,
      isControl: options.shuffleLabels === true,
    }),
    interruption.stop,
  );
  if (prepared === 'stopped') {
    output.warn(`Stopped before the first trial. Go on with: ${shownCommand(sameCommand())}`);
    return interruption.exitCode();
  }
  const { data } = prepared;
  const wanted: NewStudy = { ...prepared.study, splitHash: data.manifestHash };
  const { study, remarks } = await openStudy(db, wanted, {
    isFresh: options.fresh === true,
    isBudgetStated: options.trials !== undefined,
  });
  for (const remark of remarks) output.note(remark);

  // Who runs the command again after failures of the machine has mended it.
  const retried = await retryFailedTrials(db, study.id);
  if (retried.length > 0) output.note(`${count(retried.length, 'trial')} that failed before will be tried again.`);

  const before = await countTrials(db, study.id);
  if (finishedOf(before) >= study.budget.trials && before.QUEUED === 0) {
    output.note(`${study.name} is complete; these are its findings.\n`);
  } else {
    const slots = options.slots ?? asked.parallelism ?? availableParallelism();
    const slotCount = Math.max(1, Math.min(slots, study.budget.trials - finishedOf(before)));
    output.note(introduction(study, { data, finished: finishedOf(before), slotCount }));
    using reporter = createRunReporter(
      startRunView(study, {
        counts: before,
        slots: slotCount,
        baselines: data.baselines,
        best: await bestSoFar(db, study),
      }),
      { stream: process.stderr, styles: output.noteStyles, isQuiet: output.isQuiet, now: () => performance.now() },
    );
    await runStudy({
      db,
      study,
      home,
      command,
      slotCount,
      data: {
        windowsFile: data.windowsFile,
        splitFile: data.splitFile,
        ...(study.shuffleLabelsSeed === null ? {} : { shuffleLabelsSeed: study.shuffleLabelsSeed }),
      },
      fingerprint: fingerprintOf({
        workspaceRoot,
        dataHash: data.windows.contentHash,
        splitHash: data.manifestHash,
      }),
      stop: interruption.stop,
      stopNow: interruption.stopNow,
      onEvent: reporter.onEvent,
      limits: limitsFrom(process.env),
    });
  }
  const words = [
    ...(typedFile === DEFAULT_STUDY ? [] : [typedFile]),
    ...(options.data === undefined ? [] : ['--data', options.data]),
    ...(options.seed === undefined ? [] : ['--seed', String(options.seed)]),
    ...(options.home === undefined ? [] : ['--home', options.home]),
  ];
  return await conclude(db, study, { data, home, output, interruption, trainWords: words });
}

interface Conclusion {
  readonly data: PreparedData;
  readonly home: string;
  readonly output: Output;
  readonly interruption: Interruption;
  readonly trainWords: readonly string[];
}

async function conclude(db: Database, study: Study, conclusion: Conclusion): Promise<number> {
  const { data, home, output, interruption, trainWords } = conclusion;
  const counts = await countTrials(db, study.id);
  const isStopped = interruption.stop.aborted;
  const isComplete = finishedOf(counts) >= study.budget.trials && counts.QUEUED + counts.RUNNING === 0;
  const ended = isComplete && study.state === 'RUNNING' ? await setStudyState(db, study.id, 'COMPLETED') : study;
  const findings = await gatherFindings(db, ended, { data, trainWords });
  output.json(findings);
  if (isStopped) {
    output.warn(
      `Stopped. ${finishedOf(counts)} of ${count(study.budget.trials, 'trial')} are finished; they and every finished epoch of the others are kept in ${home}.\n` +
        `Go on with: ${shownCommand(sameCommand())}`,
    );
    return interruption.exitCode();
  }
  output.result(
    renderFindings(findings, { width: output.width, styles: output.resultStyles, hasUnicode: hasUnicode() }),
  );
  if (counts.FAILED === 0) return EXIT_CODES.ok;
  output.warn(
    `${count(counts.FAILED, 'trial')} failed for reasons of the machine; their logs lie in ${home}/logs/${study.name}`,
  );
  return EXIT_CODES.trialsFailed;
}

function introduction(
  study: Study,
  { data, finished, slotCount }: { data: PreparedData; finished: number; slotCount: number },
): string {
  const { train: training, validation, test } = data.summary.people;
  const baselines = data.baselines.map(({ name, accuracy }) => `${name} ${formatPercent(accuracy)}`).join(', ');
  return [
    `${study.name}: ${study.goal}`,
    `data: ${data.summary.name}${data.summary.isSynthetic ? ' (SYNTHETIC)' : ''}; people: ${training.length} train, ${validation.length} validation, ${test.length} test (not looked at)`,
    ...data.summary.audit,
    `baselines on the validation people: ${baselines} accuracy`,
    `${finished === 0 ? '' : `continuing after ${finished} of `}${count(study.budget.trials, 'trial')} of ${study.model}, ${slotCount} at a time, each on one thread`,
  ].join('\n');
}

/** Trials that are never run again. */
function finishedOf(counts: Readonly<Record<TrialState, number>>): number {
  return counts.COMPLETED + counts.PRUNED + counts.INFEASIBLE;
}

async function bestSoFar(db: Database, study: Study): Promise<{ trial: number; value: number } | undefined> {
  const [best] = rankTrials(await listTrials(db, study.id), study.objective.direction);
  return best === undefined ? undefined : { trial: best.number, value: best.bestValue };
}
