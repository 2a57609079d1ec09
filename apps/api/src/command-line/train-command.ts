/** `kinetune train`: the main job. */
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { openStorage, requeueOrphans, setStudyState, countTrials, type NewStudy } from '@kinetune/storage';
import { Command, Option } from 'commander';
import { runStudy } from '../agent/run-study.ts';
import { trainerCommand } from '../agent/trainer-command.ts';
import { gatherFindings } from '../findings/gather-findings.ts';
import { renderFindings } from '../findings/render-findings.ts';
import { fingerprintOf } from '../studies/fingerprint.ts';
import { openStudy } from '../studies/open-study.ts';
import { resolveStudy } from '../studies/resolve-study.ts';
import { prepareStudyData } from '../studies/prepare-study-data.ts';
import { count, formatPercent } from '../terminal/format.ts';
import { hasUnicode } from '../terminal/has-unicode.ts';
import { createRunReporter } from '../terminal/run-reporter.ts';
import { startRunView } from '../terminal/run-view.ts';
import { addCommonOptions, wholeNumber } from './common-options.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { listenForInterruption } from './interruption.ts';
import type { Output, OutputFlags } from './output.ts';
import { resolveHome, resolveInputPath, workspaceRoot } from './paths.ts';
import { runCommand } from './run-command.ts';
import { DEFAULT_STUDY, readStudySource } from './study-source.ts';

interface TrainOptions extends OutputFlags {
  readonly data?: string;
  readonly home?: string;
  readonly trials?: number;
  readonly slots?: number;
  readonly seed?: number;
  readonly fresh?: boolean;
  readonly shuffleLabels?: boolean;
}

export function trainCommand(): Command {
  const command = new Command('train')
    .description('run a study to its end, or continue it')
    .argument('[study-file]', 'a study file (YAML)', DEFAULT_STUDY)
    .addOption(new Option('--data <folder>', 'folder or zip to import recordings from; nothing is written there'))
    .addOption(
      new Option('--trials <n>', "trials in all, in place of the file's budget").argParser(wholeNumber(1, 1_000_000)),
    )
    .addOption(
      new Option('--slots <n>', 'trials at once, one thread each (default: one for each core)').argParser(
        wholeNumber(1, 1024),
      ),
    )
    .addOption(
      new Option('--seed <n>', "the study's seed, in place of the file's").argParser(wholeNumber(0, 2 ** 32 - 1)),
    )
    .addOption(new Option('--fresh', 'start the study anew under the next free name, and leave the old one as it is'))
    .addOption(new Option('--shuffle-labels', 'a control: permute the training labels; it must not learn'))
    .addOption(new Option('-q, --quiet', 'no progress, only the findings'));
  return addCommonOptions(command)
    .addHelpText(
      'after',
      `
The study is known by the name in its file. The same study is continued: finished trials are kept. With another budget
it is extended; with anything else changed it is started as <name>.2, and what changed is said.
Ctrl-C stops cleanly: trials keep their finished epochs, and the same command goes on from there.

Progress goes to stderr and findings to stdout. With --json stdout holds one JSON object on one line, the findings; or
{"error": {...}} where the command fails.

Examples:
  kinetune train
  kinetune train studies/hapt-6.yaml --data ../shared/data
  kinetune train --trials 24 --slots 4
  kinetune train --json > findings.json`,
    )
    .action((file: string, options: TrainOptions) => runCommand(options, (output) => train(file, options, output)));
}

async function train(typedFile: string, options: TrainOptions, output: Output): Promise<number> {
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
  // The home's lock is ours, so no agent is left: what is still RUNNING lost its own.
  await requeueOrphans(db, []);

  const { data, study: withData } = await prepareStudyData(asked, {
    db,
    home,
    dataFolder: options.data === undefined ? undefined : resolveInputPath(options.data),
    resolvePath: resolveInputPath,
    onProgress: output.note,
    onWarning: output.warn,
    signal: interruption.stop,
    isControl: options.shuffleLabels === true,
  });
  const wanted: NewStudy = { ...withData, splitHash: data.manifestHash };
  if (interruption.stop.aborted) return interruption.exitCode();
  const { study, remarks } = await openStudy(db, wanted, { isFresh: options.fresh === true });
  for (const remark of remarks) output.note(remark);

  const before = await countTrials(db, study.id);
  const finished = before.COMPLETED + before.PRUNED + before.INFEASIBLE;
  const isDone = finished >= study.budget.trials && before.QUEUED === 0;
  const slotCount = Math.max(
    1,
    Math.min(options.slots ?? study.parallelism ?? availableParallelism(), study.budget.trials - finished),
  );
  if (isDone) {
    output.note(
      `${study.name} is complete: ${count(finished, 'trial')} of ${study.budget.trials} are done. Its findings:\n`,
    );
  } else {
    const people = data.summary.people;
    output.note(
      `${study.name}: ${study.goal}\n` +
        `data: ${data.summary.name}; people: ${people.train.length} train, ${people.validation.length} validation, ${people.test.length} test\n` +
        `baselines: ${data.baselines.map(({ name, accuracy }) => `${name} ${formatPercent(accuracy)}`).join(', ')} accuracy on the validation people\n` +
        `${finished === 0 ? 'starting' : `continuing after ${finished} of`} ${count(study.budget.trials, 'trial')} of ${study.model}, ${slotCount} at a time`,
    );
    const fingerprint = fingerprintOf({
      workspaceRoot,
      dataHash: data.windows.contentHash,
      splitHash: data.manifestHash,
    });
    using reporter = createRunReporter(
      startRunView(study, { counts: before, slots: slotCount, baselines: data.baselines, best: undefined }),
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
      fingerprint,
      stop: interruption.stop,
      stopNow: interruption.stopNow,
      onEvent: reporter.onEvent,
    });
  }

  const after = await countTrials(db, study.id);
  const isComplete = after.QUEUED + after.RUNNING === 0 && !interruption.stop.aborted;
  const ended =
    isComplete && study.state !== 'COMPLETED' && after.FAILED === 0
      ? await setStudyState(db, study.id, 'COMPLETED')
      : study;
  if (interruption.stop.aborted) {
    const done = after.COMPLETED + after.PRUNED + after.INFEASIBLE;
    output.warn(
      `Stopped. ${done} of ${count(study.budget.trials, 'trial')} finished and every finished epoch of the others are kept in ${home}.\n` +
        `The same command goes on from there.`,
    );
  }
  const findings = await gatherFindings(db, ended, data);
  if (!interruption.stop.aborted)
    output.result(
      renderFindings(findings, { width: output.width, styles: output.resultStyles, hasUnicode: hasUnicode() }),
    );
  output.json(findings);
  if (interruption.stop.aborted) return interruption.exitCode();
  if (after.FAILED > 0) {
    output.warn(
      `${count(after.FAILED, 'trial')} failed for reasons of the machine; logs: ${relative(process.cwd(), home)}/logs/${study.name}`,
    );
    return EXIT_CODES.trialsFailed;
  }
  return EXIT_CODES.ok;
}
