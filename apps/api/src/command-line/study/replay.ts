/** `kinetune study replay`. */
import { createPruner, replayPruner, type RecordedTrial, type TrainingBudget } from '@kinetune/search';
import { listTrials, readCurves, type Database, type Study, type Trial } from '@kinetune/storage';
import { InputError, PRUNER_KINDS, prunerSettings, type PrunerKind, type PrunerSettings } from '@kinetune/study';
import { Option, type Command } from 'commander';
import { wrapText } from '../../terminal/wrap-text.ts';
import { wholeNumber } from '../common-options.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { namedStudyCommand, type NamedStudy, type StudyOptions } from './study-options.ts';

interface ReplayOptions extends StudyOptions {
  readonly pruner: PrunerKind;
  readonly option: Readonly<Record<string, string | number>>;
  readonly slots: number;
}

export function replayCommand(): Command {
  const kinds = PRUNER_KINDS.filter((kind) => kind !== 'none');
  return namedStudyCommand<ReplayOptions>(
    'replay',
    'what a pruner would have saved and lost on the finished trials, before anyone enables it',
    replay,
  )
    .addOption(new Option('--pruner <kind>', 'which pruner').choices(kinds).makeOptionMandatory())
    .addOption(
      new Option(
        '--option <name=value>',
        'an option of the pruner, e.g. percentile=25 or grace=3; repeat it for several',
      )
        .default({}, 'as in a study file')
        .argParser(collectOption),
    )
    .addOption(new Option('--slots <n>', 'trials at once').default(1).argParser(wholeNumber(1, 1024)));
}

function collectOption(text: string, previous: ReplayOptions['option']): ReplayOptions['option'] {
  const at = text.indexOf('=');
  const value = text.slice(at + 1);
  return { ...previous, [text.slice(0, Math.max(0, at)).trim()]: Number.isNaN(Number(value)) ? value : Number(value) };
}

async function replay({ storage: { db }, study, options, output }: NamedStudy<ReplayOptions>): Promise<number> {
  const settings = settingsOf(options);
  const trials = await listTrials(db, study.id);
  const budget = budgetOf(trials);
  if (budget === undefined)
    throw new InputError(
      'nothing-to-replay',
      `expected finished trials of ${study.name} that say how long a training is, found none`,
    );
  const recorded = await recordedTrials(db, study, trials);
  const found = replayPruner(recorded, {
    pruner: createPruner(settings),
    objective: study.objective,
    budget,
    slots: options.slots,
  });
  output.result([
    output.resultStyles.bold(`${settings.kind} on ${study.name}: ${found.verdict}`),
    ...[...found.sentences, found.advice].flatMap((sentence) =>
      wrapText(sentence, output.width, { first: '  ', rest: '    ' }),
    ),
  ]);
  output.json({ study: study.name, settings, ...found });
  return EXIT_CODES.ok;
}

/** @throws InputError for options that the pruner does not have. */
function settingsOf({ pruner, option }: ReplayOptions): PrunerSettings {
  const read = prunerSettings.safeParse({ kind: pruner, ...option });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const unknown = issue?.code === 'unrecognized_keys' ? `${pruner} has no option ${issue.keys.join(', ')}` : undefined;
  const field = issue?.path.map(String).join('.') ?? '';
  throw new InputError(
    'pruner-option',
    `--option: ${unknown ?? `${field === '' ? JSON.stringify(option) : field}: ${issue?.message ?? 'not accepted'}`}`,
  );
}

/** In the order in which they started; a study with replicates numbers each trial anew and values a configuration's together. */
async function recordedTrials(db: Database, study: Study, trials: readonly Trial[]): Promise<readonly RecordedTrial[]> {
  const metrics = study.metrics.map(({ name }) => name);
  const curves = await readCurves(db, study.id, { trialIds: trials.map(({ id }) => id), metrics });
  const isRepeated = trials.some(({ replicate }) => replicate > 0);
  return trials
    .map((trial, index) => ({ trial, curve: curves[index] as (typeof curves)[number] }))
    .sort((a, b) => (a.trial.startedAt?.getTime() ?? 0) - (b.trial.startedAt?.getTime() ?? 0))
    .map(({ trial: { number, state, fold }, curve: { steps, epochs, values } }, order): RecordedTrial => {
      const durations = values['durationMs'];
      return {
        number: isRepeated ? order : number,
        ...(isRepeated ? { configuration: number } : {}),
        state,
        fold,
        steps,
        epochs,
        values,
        ...(durations?.every((ms) => ms !== null) ? { elapsedMs: runningSum(durations) } : {}),
      };
    });
}

function runningSum(durations: readonly (number | null)[]): number[] {
  let sum = 0;
  return durations.map((ms) => (sum += ms ?? 0));
}

/** The longest training that a trial was to get. */
function budgetOf(trials: readonly Trial[]): TrainingBudget | undefined {
  const finished = trials.filter(({ state }) => state !== 'QUEUED' && state !== 'RUNNING');
  const epochs = Math.max(0, ...finished.map(({ totalEpochs }) => totalEpochs ?? 0));
  if (epochs > 0) return { unit: 'epochs', total: epochs };
  const steps = Math.max(0, ...finished.map(({ totalSteps }) => totalSteps ?? 0));
  return steps > 0 ? { unit: 'steps', total: steps } : undefined;
}
