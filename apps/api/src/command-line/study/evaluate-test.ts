/** `kinetune study evaluate-test`. */
import { accuracy, macroF1 } from '@kinetune/study';
import { Option, type Command } from 'commander';
import { limitsFrom } from '../../agent/trial-run.ts';
import { evaluateTest } from '../../studies/evaluate-test.ts';
import { formatPercent } from '../../terminal/format.ts';
import { checkpointStoreOption } from '../common-options.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { listenForInterruption } from '../interruption.ts';
import { resolveInputPath, workspaceRoot } from '../paths.ts';
import { resolveStore } from '../start-work.ts';
import { byOption, type ByOption } from './by-option.ts';
import { namedStudyCommand, type NamedStudy, type StudyOptions } from './study-options.ts';

interface EvaluateTestOptions extends StudyOptions, ByOption {
  readonly reason: string;
  readonly force?: boolean;
  readonly data?: string;
  readonly store?: string;
}

export function evaluateTestCommand(): Command {
  return namedStudyCommand<EvaluateTestOptions>(
    'evaluate-test',
    'look at the test people with the adopted configuration: once a study, logged',
    evaluate,
  )
    .addOption(new Option('--reason <text>', 'why now; it is logged').makeOptionMandatory())
    .addOption(byOption())
    .addOption(new Option('--data <folder>', 'folder or zip to import recordings from, as for kinetune train'))
    .addOption(checkpointStoreOption())
    .addOption(new Option('--force', 'look again; the result is logged as contaminated'));
}

async function evaluate({ storage, study, options, output }: NamedStudy<EvaluateTestOptions>): Promise<number> {
  using interruption = listenForInterruption();
  const { reason, by, force = false, data } = options;
  const { trial, evaluation } = await evaluateTest(storage.db, study, {
    reason,
    by,
    isForced: force,
    store: resolveStore(options.store, storage.home),
    workspaceRoot,
    dataFolder: data === undefined ? undefined : resolveInputPath(data),
    resolvePath: resolveInputPath,
    onProgress: output.note,
    signal: interruption.stop,
    limits: limitsFrom(process.env),
  });
  const { confusionMatrix, perSubject, isContaminated } = evaluation;
  const scores = { accuracy: accuracy(confusionMatrix), macroF1: macroF1(confusionMatrix) };
  output.result([
    `${study.name}, trial ${trial.number}, on ${perSubject.length} test people: accuracy ${formatPercent(scores.accuracy)}, macro-F1 ${scores.macroF1.toFixed(4)}`,
    ...(isContaminated
      ? [
          'The test people had been looked at before: this is no estimate for new people, and is logged as contaminated.',
        ]
      : ['This was the one look at the test people; it is logged.']),
  ]);
  output.json({ study: study.name, trial: trial.number, ...scores, ...evaluation });
  return EXIT_CODES.ok;
}
