/** `kinetune check-trainer`: whether a program keeps the trainer protocol. */
import { BUILT_IN_METRICS, InputError, type HyperparameterValue, type Metric, type Objective } from '@kinetune/study';
import { Command, Option } from 'commander';
import { trainerCommand } from '../agent/trainer-command.ts';
import { DEFAULT_LIMITS } from '../agent/trial-run.ts';
import { createBench } from '../check-trainer/check-bench.ts';
import { checkTrainer } from '../check-trainer/check-trainer.ts';
import { renderCheck } from '../check-trainer/render-check.ts';
import { midOfSpace } from '../check-trainer/mid-of-space.ts';
import { resolveStudy } from '../studies/resolve-study.ts';
import { count } from '../terminal/format.ts';
import { addCommonOptions, wholeNumber } from './common-options.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { Output, OutputFlags } from './output.ts';
import { workspaceRoot } from './paths.ts';
import { runCommand } from './run-command.ts';
import { readStudySource } from './study-source.ts';

interface CheckTrainerFlags extends OutputFlags {
  readonly study?: string;
  readonly configuration?: Configuration;
  readonly diverging?: Configuration;
  readonly metric?: readonly Metric[];
  readonly silenceLimit: number;
  readonly stopLimit: number;
  readonly verbose?: boolean;
}

type Configuration = Readonly<Record<string, HyperparameterValue>>;

export function checkTrainerCommand(): Command {
  const command = new Command('check-trainer')
    .description('put a trainer through the protocol: training, stop, resume, bad messages, silence')
    .argument('[command...]', "the trainer's program and arguments, after --; with --study that of the study")
    .addOption(new Option('--study <file>', 'a study file whose trainer, metrics, objective and space are taken'))
    .addOption(
      new Option('--configuration <json>', 'hyperparameters to train with, e.g. \'{"epochs": 5}\'').argParser((text) =>
        readConfiguration('--configuration', text),
      ),
    )
    .addOption(
      new Option(
        '--metric <name:direction...>',
        'what it measures, the objective first: validationLoss:minimise',
      ).argParser((text: string, before: readonly Metric[] | undefined) => [...(before ?? []), readMetric(text)]),
    )
    .addOption(
      new Option('--diverging <json>', 'hyperparameters under which its training diverges').argParser((text) =>
        readConfiguration('--diverging', text),
      ),
    )
    .addOption(
      new Option('--silence-limit <s>', 'seconds without a message after which it is hung')
        .default(DEFAULT_LIMITS.silenceMs / 1000)
        .argParser(wholeNumber(1, 86_400)),
    )
    .addOption(
      new Option('--stop-limit <s>', 'seconds for a stop')
        .default(DEFAULT_LIMITS.stopMs / 1000)
        .argParser(wholeNumber(1, 3_600)),
    )
    .addOption(new Option('--verbose', 'show what it writes to stdout and stderr'));
  return addCommonOptions(command)
    .addHelpText(
      'after',
      `
It trains about six times, so name a small configuration. Exit code 0: it keeps the protocol; 5: it does not.
The protocol: docs/trainer-protocol.md. A trainer in thirty lines of Python: examples/python-trainer.

Examples:
  kinetune check-trainer -- python3 examples/python-trainer/train.py
  kinetune check-trainer --study examples/python-trainer/study.yaml
  kinetune check-trainer --configuration '{"epochs": 4}' --metric loss:minimise -- ./train.sh --fast`,
    )
    .action((words: string[], flags: CheckTrainerFlags) => runCommand(flags, (output) => check(words, flags, output)));
}

async function check(words: readonly string[], flags: CheckTrainerFlags, output: Output): Promise<number> {
  const asked = flags.study === undefined ? stated(words, flags) : ofStudy(flags.study, words, flags);
  const { command, configuration, metrics, objective } = asked;
  await using bench = createBench({
    command,
    limits: { ...DEFAULT_LIMITS, silenceMs: flags.silenceLimit * 1000, stopMs: flags.stopLimit * 1000 },
    start: {
      type: 'start',
      protocol: 1,
      // A name beyond ASCII: lines are UTF-8.
      trial: { id: 'check', study: 'check-trainer-✓', number: 0, attempt: 1 },
      configuration,
      seed: 1,
      fold: 0,
      model: 'check-trainer',
      objective,
      metrics: metrics.map(({ name }) => name),
      keepBest: 1,
    },
    onLog: (text) => {
      if (flags.verbose === true) output.note(text.trimEnd());
    },
  });
  const { resultStyles: styles, width } = output;
  const checks = await checkTrainer(bench, {
    diverging: flags.diverging,
    onCheck: (one) => output.result(renderCheck(one, { styles, width })),
  });
  const failed = checks.filter(({ outcome }) => outcome === 'fail').length;
  const isKept = failed === 0;
  output.result([
    '',
    isKept
      ? `It keeps the protocol: ${count(checks.filter(({ outcome }) => outcome !== 'skipped').length, 'check')} held.`
      : `It does not keep the protocol: ${count(failed, 'check')} of ${checks.length} failed.`,
  ]);
  output.json({ isKept, command: [command.file, ...command.args], checks });
  return isKept ? EXIT_CODES.ok : EXIT_CODES.trainerRefused;
}

interface Asked {
  readonly command: ReturnType<typeof trainerCommand>;
  readonly configuration: Configuration;
  readonly metrics: readonly Metric[];
  readonly objective: Objective;
}

function stated(words: readonly string[], { configuration = {}, metric }: CheckTrainerFlags): Asked {
  if (words.length === 0)
    throw new InputError(
      'no-command',
      'expected a command after --, as in: kinetune check-trainer -- python3 train.py; or a study that names one: --study <file>',
    );
  const [first] = metric ?? [];
  const objective: Objective =
    first === undefined
      ? { metric: 'validationLoss', direction: 'minimise' }
      : { metric: first.name, direction: first.direction };
  const trainer = { kind: 'command', command: words, folder: process.env.INIT_CWD ?? process.cwd() } as const;
  return {
    command: trainerCommand(workspaceRoot, { trainer }),
    configuration,
    metrics: metric ?? BUILT_IN_METRICS,
    objective,
  };
}

function ofStudy(file: string, words: readonly string[], { configuration = {} }: CheckTrainerFlags): Asked {
  const source = readStudySource(file);
  const study = resolveStudy(source.studyFile, source);
  if (study.trainer.kind !== 'command')
    throw new InputError(
      'no-command',
      `--study: expected a study whose trainer is a command, and that of ${study.name} is built in`,
    );
  const trainer = words.length === 0 ? study.trainer : { ...study.trainer, command: words };
  return {
    command: trainerCommand(workspaceRoot, { trainer }),
    configuration: { ...midOfSpace(study.space), ...configuration },
    metrics: study.metrics,
    objective: study.objective,
  };
}

function readMetric(text: string): Metric {
  const [name = '', direction, ...more] = text.split(':');
  if (name === '' || more.length > 0 || (direction !== 'minimise' && direction !== 'maximise'))
    throw new InputError('metric-not-read', `--metric: expected <name>:minimise or <name>:maximise, got ${text}`);
  return { name, direction, split: 'validation' };
}

function readConfiguration(option: string, text: string): Configuration {
  const wrong = new InputError(
    'configuration-not-read',
    `${option}: expected a JSON object of numbers, words and booleans such as {"learningRate": 0.1}, got ${text}`,
  );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong;
  }
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isPlain || !Object.values(value as object).every((one) => ['number', 'string', 'boolean'].includes(typeof one)))
    throw wrong;
  return value as Configuration;
}
