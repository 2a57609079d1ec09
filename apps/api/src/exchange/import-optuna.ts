/** Brings a study of an Optuna storage into a home: an ordinary completed study, but for training. */
import {
  importStudy,
  type ConfigurationRecord,
  type MeasurementRecord,
  type Storage,
  type Study,
  type StudyRecord,
} from '@kinetune/storage';
import { didYouMean, InputError, type PrunerSettings, type SamplerSettings } from '@kinetune/study';
import { importName, requireFreeName } from './import-name.ts';
import { openOptuna } from './open-optuna.ts';
import type { OptunaSource, OptunaStudy, OptunaTrial } from './optuna-source.ts';
import { optunaSpace } from './optuna-space.ts';
import { optunaTrialRecord } from './optuna-trial.ts';
import { storable } from './storable.ts';

export interface ImportOptunaOptions {
  /** Name in the storage; needed where it holds several. */
  readonly study?: string | undefined;
  /** Name in the home. */
  readonly as?: string | undefined;
  /** Which objective of several, from 0. */
  readonly objective?: number | undefined;
  /** What the objective is called here. */
  readonly metric?: string | undefined;
  readonly now: Date;
}

export interface ImportedStudy {
  readonly study: Study;
  readonly trials: number;
  /** What was left out and decided, for people. */
  readonly notes: readonly string[];
}

/** Trials and measurements that one statement adds. */
const BATCH = 1000;

/** @throws InputError naming the file; nothing is imported then. */
export async function importOptuna(
  { db, home }: Storage,
  path: string,
  options: ImportOptunaOptions,
): Promise<ImportedStudy> {
  await using source = await openOptuna(path, { scratch: home });
  const found = chooseStudy(source, path, options.study);
  const objective = chooseObjective(found, path, options.objective);
  const name = importName(found.name, options.as);
  await requireFreeName(db, name);
  const all = await source.trials(found.name);
  requireNumbers(all, path);
  const diverged = await divergedTrials(source, found.name, all);
  const records = all.flatMap((trial) => {
    const hasDiverged = diverged.has(trial.number);
    const record = optunaTrialRecord(trial, { objective, hasDiverged, now: options.now });
    return record === undefined ? [] : [{ trial, record }];
  });
  if (records.length === 0)
    throw new InputError(
      'nothing-finished',
      `expected a study with trials that have ended, and ${JSON.stringify(found.name)} has none (${all.length} waiting or running): import it once it has run`,
      { file: path },
    );
  const { space, values, notes } = optunaSpace(records.map(({ trial }) => trial));
  const metric = options.metric ?? metricName(found, objective);
  const direction = found.directions[objective] === 'MAXIMIZE' ? 'maximise' : 'minimise';
  const sampler = samplerOf(all);
  const record: StudyRecord = {
    name,
    goal: storable(`Imported from Optuna, where it is called ${found.name}.`),
    // What proposed its trials looked at their results, for all that a storage tells.
    phase: 'exploit',
    data: null,
    splitHash: null,
    model: 'optuna',
    trainer: {
      kind: 'imported',
      source: 'Optuna',
      study: storable(found.name),
      userAttributes: storable(found.userAttributes),
    },
    space,
    metrics: [{ name: metric, direction, split: 'validation' }],
    objective: { metric, direction },
    sampler,
    pruner: prunerOf(all),
    budget: { trials: records.length },
    replicates: 1,
    folds: null,
    exploit: null,
    from: null,
    studyGroup: null,
    thresholds: {},
    parallelism: null,
    keepBest: 1,
    seed: 0,
    shuffleLabelsSeed: null,
    state: 'COMPLETED',
    spaceVersions: [{ space, phase: 'exploit', firstConfiguration: 0 }],
    overrides: [],
    conclusion: null,
  };
  const study = await importStudy(db, record, async ({ addConfigurations, addMeasurements, findBestSteps }) => {
    const ids = new Map<number, string>();
    for (let start = 0; start < records.length; start += BATCH) {
      const batch = records.slice(start, start + BATCH);
      const added = await addConfigurations(
        batch.map(({ trial, record: own }, index): ConfigurationRecord => ({
          number: trial.number,
          values: values[start + index] ?? {},
          spaceVersion: 1,
          samplerNote: {
            sampler: sampler.kind === 'auto' ? 'imported' : sampler.kind,
            engineVersion: 0,
            reason: `proposed by Optuna as its trial ${trial.number}`,
          },
          objective: own.state === 'COMPLETED' ? own.bestValue : null,
          trials: [own],
        })),
      );
      for (const [index, id] of added.entries()) ids.set((batch[index] as (typeof batch)[number]).trial.number, id);
    }
    for await (const batch of measurementBatches(source, found.name, { ids, path })) await addMeasurements(batch);
    await findBestSteps();
  });
  const renamed = name === found.name ? [] : [`the study ${JSON.stringify(found.name)} is called ${name} here`];
  return { study, trials: records.length, notes: [...renamed, ...leftOut(all), ...notes] };
}

function chooseStudy({ studies }: OptunaSource, path: string, asked: string | undefined): OptunaStudy {
  const names = [...studies.keys()];
  const listed = [...studies.values()].map(({ name, trialCount }) => `${name} (${trialCount} trials)`).join(', ');
  if (names.length === 0)
    throw new InputError('no-study', 'expected an Optuna storage with a study, and it has none', { file: path });
  const name = asked ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined)
    throw new InputError('which-study', `expected the name of a study by --study, since it holds several: ${listed}`, {
      file: path,
    });
  const found = studies.get(name);
  if (found !== undefined) return found;
  throw new InputError(
    'unknown-study',
    `--study: expected a study of the storage, got ${name}.${didYouMean(name, names)} It holds: ${listed}`,
    { file: path },
  );
}

function chooseObjective({ name, directions }: OptunaStudy, path: string, asked: number | undefined): number {
  const count = directions.length;
  if (asked === undefined && count > 1)
    throw new InputError(
      'several-objectives',
      `expected a study with one objective, and ${name} has ${count} (${directions.join(', ').toLowerCase()}): a study here has one. Choose it by --objective 0 to --objective ${count - 1}; the values of the others are kept with each trial`,
      { file: path },
    );
  const objective = asked ?? 0;
  if (objective < count) return objective;
  throw new InputError('unknown-objective', `--objective: expected 0 to ${count - 1}, got ${objective}`, {
    file: path,
  });
}

/** As `Study.set_metric_names` keeps them. */
function metricName({ systemAttributes }: OptunaStudy, objective: number): string {
  const names = systemAttributes['study:metric_names'];
  const name: unknown = Array.isArray(names) ? names[objective] : undefined;
  return typeof name === 'string' && name !== '' ? storable(name) : 'objective';
}

/** Samplers leave traces in a trial; a storage does not name them. */
function samplerOf(trials: readonly OptunaTrial[]): SamplerSettings {
  const keys = new Set(trials.flatMap(({ systemAttributes }) => Object.keys(systemAttributes)));
  return [...keys].some((key) => key.startsWith('tpe:')) ? { kind: 'tpe' } : { kind: 'auto' };
}

/** That there was one shows; the median rule is Optuna's own default. */
function prunerOf(trials: readonly OptunaTrial[]): PrunerSettings {
  return trials.some(({ state }) => state === 'PRUNED') ? { kind: 'percentile' } : { kind: 'none' };
}

function leftOut(trials: readonly OptunaTrial[]): readonly string[] {
  return (['RUNNING', 'WAITING'] as const).flatMap((state) => {
    const numbers = trials.filter((trial) => trial.state === state).map(({ number }) => number);
    const word = state.toLowerCase();
    if (numbers.length === 0) return [];
    const shown = numbers.slice(0, 10).join(', ') + (numbers.length > 10 ? ', ...' : '');
    return [`left out, since they had not ended (${word}): ${numbers.length === 1 ? 'trial' : 'trials'} ${shown}`];
  });
}

/** Trials are known by their numbers, which a storage does not guard. */
function requireNumbers(trials: readonly OptunaTrial[], path: string): void {
  const seen = new Set<number>();
  for (const { number } of trials) {
    if (!Number.isInteger(number) || number < 0 || number > 0x7fffffff || seen.has(number))
      throw damaged(path, `expected trials with numbers of their own, from 0, got ${number}`);
    seen.add(number);
  }
}

function damaged(path: string, what: string): InputError {
  return new InputError('optuna-damaged', `${what}: the file is damaged. Nothing was imported`, { file: path });
}

/** Trials that did not complete and whose last report was not finite. */
async function divergedTrials(
  source: OptunaSource,
  study: string,
  trials: readonly OptunaTrial[],
): Promise<ReadonlySet<number>> {
  const ended = new Set(
    trials.flatMap(({ number, state }) => (state === 'FAIL' || state === 'PRUNED' ? [number] : [])),
  );
  if (ended.size === 0) return ended;
  const last = new Map<number, { readonly step: number; readonly value: number | null }>();
  for await (const { number, step, value } of source.intermediateValues(study))
    if (ended.has(number) && step >= (last.get(number)?.step ?? 0)) last.set(number, { step, value });
  return new Set([...last].flatMap(([number, { value }]) => (value === null ? [number] : [])));
}

async function* measurementBatches(
  source: OptunaSource,
  study: string,
  { ids, path }: { readonly ids: ReadonlyMap<number, string>; readonly path: string },
): AsyncIterable<readonly MeasurementRecord[]> {
  let batch: MeasurementRecord[] = [];
  for await (const { number, step, value } of source.intermediateValues(study)) {
    if (!Number.isSafeInteger(step) || step < 0)
      throw damaged(path, `trial ${number}: expected a step from 0 on, got ${step}`);
    const trialId = ids.get(number);
    if (trialId === undefined) continue;
    // Optuna has steps alone, and most programs report once an epoch.
    batch.push({ trialId, step, epoch: step, values: [value] });
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}
