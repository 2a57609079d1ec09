/**
 * One training of a configuration, from its beginning or from where it was stopped, to an outcome.
 *
 * At the end of each epoch: validate, make the epoch durable, report it. An epoch that was reported is never lost, and one that was
 * not is trained again to the same bits (at one thread): batches are a function of (seed, epoch), draws of (seed, step), learning
 * rates of the step, and decisions of the measurements so far.
 *
 * The last batch of an epoch may be shorter: its step takes the mean over its own rows, as PyTorch's DataLoader does without
 * drop_last; an epoch's loss and accuracy are means over rows, not over batches.
 */
import {
  BUILT_IN_METRICS,
  type EarlyStopping,
  InputError,
  isBetter,
  learningRates,
  type Metric,
  type Objective,
  type Values,
} from '@kinetune/study';
import { findFamily } from '../catalogue/model-families.ts';
import type { ModelCheckpoint } from '../checkpoint/model-checkpoint.ts';
import { clearTrialFolder, commitEpoch, finishTrialFolder, openResumePoint } from '../checkpoint/trial-folder.ts';
import { createModel } from '../create-model.ts';
import type { Engine, EpochResult } from '../engine/index.ts';
import { bestMeasurements } from './best-measurements.ts';
import { earlyStopReason } from './early-stop-reason.ts';
import { stateOfTensors, tensorsOf, tensorsOfState } from './engine-state.ts';
import { epochOrder } from './epoch-order.ts';
import { learningRateSchedule } from './learning-rate-schedule.ts';
import { measurementOf } from './measurement-of.ts';
import { isOutOfMemory } from './out-of-memory.ts';
import { resolveConfiguration } from './resolve-configuration.ts';
import { scoreValidation } from './score-validation.ts';
import { shuffleLabels } from './shuffle-labels.ts';
import type { TrialData } from './trial-data.ts';
import { createTrialEngine } from './trial-engine.ts';
import type { TrialMeasurement } from './trial-measurement.ts';
import type { TrialOutcome } from './trial-outcome.ts';

export interface TrainTrialOptions {
  readonly trial: { readonly id: string; readonly study: string; readonly number: number };
  /** Model family: `cnn1d`, `vit1d`, `conv-transformer`. */
  readonly family: string;
  /** By leaf name; what is missing takes the catalogue's default. */
  readonly configuration: Values;
  readonly seed: number;
  readonly fold: number;
  readonly data: TrialData;
  /** A validation metric of `BUILT_IN_METRICS`; it chooses the checkpoints that are kept. */
  readonly objective: Objective;
  /** Best checkpoints to keep; default 1. */
  readonly keepBest?: number;
  /** Default: never before the last epoch. */
  readonly earlyStopping?: EarlyStopping | undefined;
  /** Permutes the training labels: a control that must not learn. */
  readonly shuffleLabelsSeed?: number | undefined;
  /** This trial's own; made if it is not there. */
  readonly checkpointFolder: string;
  /** Continue from the newest whole state, and report again what was measured after this step; default: from the beginning. */
  readonly resumeFromStep?: number | undefined;
}

export interface TrainTrialHooks {
  /** Ends the trial as `stopped` within about 50 ms, or one step or evaluation batch where that takes longer. */
  readonly signal?: AbortSignal;
  readonly onStarted?: (facts: TrialFacts) => void | Promise<void>;
  /** About four times a second. */
  readonly onProgress?: (progress: { readonly epoch: number; readonly trainLoss: number | null }) => void;
  /** After each epoch, once it is durable. */
  readonly onMeasurement?: (measurement: TrialMeasurement) => void | Promise<void>;
  /** What a person reading the trial's log should know. */
  readonly onNote?: (note: string) => void;
  /** Milliseconds of a steady clock; default `performance.now`. */
  readonly now?: () => number;
}

export interface TrialFacts {
  readonly totalSteps: number;
  readonly totalEpochs: number;
  readonly weightCount: number;
  readonly resumedFromStep: number;
}

const PROGRESS_MS = 250;
const INFEASIBLE_INPUT: ReadonlySet<string> = new Set([
  'invalid-configuration',
  'unknown-model',
  'rotation-needs-axes',
]);

/**
 * TensorFlow must be loaded (`loadTensorFlow`).
 * @throws what is not the configuration's fault: InputError for data, metrics or a folder of another trial, EnvironmentError for
 * the machine (a full disk).
 */
export async function trainTrial(options: TrainTrialOptions, hooks: TrainTrialHooks = {}): Promise<TrialOutcome> {
  try {
    return await train(options, hooks);
  } catch (error) {
    if (error instanceof InputError && INFEASIBLE_INPUT.has(error.code)) {
      return { type: 'infeasible', code: 'invalid-configuration', reason: error.message };
    }
    if (isOutOfMemory(error)) return { type: 'infeasible', code: 'out-of-memory', reason: (error as Error).message };
    throw error;
  }
}

async function train(options: TrainTrialOptions, hooks: TrainTrialHooks): Promise<TrialOutcome> {
  const { family, seed, objective, checkpointFolder, earlyStopping, keepBest = 1 } = options;
  const { signal, now = () => performance.now() } = hooks;
  validationMetric(objective.metric);
  const watched = earlyStopping === undefined ? undefined : builtInMetric(earlyStopping.metric);
  const data = shuffled(options.data, options.shuffleLabelsSeed);
  const values = resolveConfiguration(findFamily(family), options.configuration);
  const { input } = data;
  const shape = {
    windowLength: input.window.length,
    channelCount: input.channels.length,
    classCount: input.labels.length,
  };
  const model = createModel(family, values, shape);
  const rowCount = data.train.labels.length;
  const stepsPerEpoch = Math.ceil(rowCount / (values['batchSize'] as number));
  const totalEpochs = values['epochs'] as number;
  const schedule = learningRateSchedule(values, stepsPerEpoch);
  const isAveraged = (values['averageWeights'] as number) > 0;
  const identity = identityOf(options, values);
  const best = (all: readonly TrialMeasurement[], count = keepBest) => bestMeasurements(all, objective, count);
  const bestSteps = (all: readonly TrialMeasurement[]) => best(all).map(({ step }) => step);

  await using engine = await createTrialEngine({ model, values, data, seed });
  const resumed = await resume(options, { engine, identity, bestSteps, onNote: hooks.onNote });
  const measurements = [...resumed];
  const doneStep = (): number => measurements.at(-1)?.step ?? 0;
  await hooks.onStarted?.({
    totalSteps: schedule.totalSteps,
    totalEpochs,
    weightCount: model.weights.reduce((sum, weight) => sum + weight.shape.reduce((size, n) => size * n, 1), 0),
    resumedFromStep: doneStep(),
  });
  for (const measurement of resumed) {
    if (measurement.step > (options.resumeFromStep ?? 0)) await hooks.onMeasurement?.(measurement);
  }

  let reportedAt = now();
  for (let epoch = measurements.length; epoch < totalEpochs; epoch++) {
    const reason = watched && earlyStopping && earlyStopReason(earlyStopping, watched.direction, measurements);
    if (reason !== undefined) return complete(reason);
    if (signal?.aborted === true) return { type: 'stopped', step: doneStep() };

    const startedAt = now();
    const rates = learningRates(schedule, epoch * stepsPerEpoch, (epoch + 1) * stepsPerEpoch);
    const result = await engine.trainEpoch({
      order: epochOrder(rowCount, { seed, epoch }),
      learningRates: rates,
      ...(signal === undefined ? {} : { signal }),
      onProgress: ({ stepCount, loss }) => {
        if (now() - reportedAt < PROGRESS_MS) return;
        reportedAt = now();
        hooks.onProgress?.({ epoch: epoch + stepCount / stepsPerEpoch, trainLoss: finiteOrNull(loss) });
      },
    });
    const reached = epoch + result.stepCount / stepsPerEpoch;
    if (hasDiverged(result)) return diverged('training loss', result.loss, reached);
    if (result.end === 'aborted') return { type: 'stopped', step: doneStep() };

    const { outputs } = await engine.evaluate('validation', { averaged: isAveraged, outputs: true });
    const score = scoreValidation(outputs as Float32Array, data.validation, {
      classCount: shape.classCount,
      subjectNames: data.subjectNames,
    });
    if (!Number.isFinite(score.loss)) return diverged('validation loss', score.loss, reached);

    const measured = measurementOf(result, score, {
      step: engine.step,
      epoch: epoch + 1,
      learningRate: rates[rates.length - 1] as number,
      durationMs: now() - startedAt,
    });
    const before = best(measurements, 1)[0]?.values[objective.metric] ?? Number.NaN;
    const isBest = isBetter(objective.direction, measured.values[objective.metric] ?? Number.NaN, before);
    const measurement = isBest ? { ...measured, evaluation: score.evaluation } : measured;
    const previousBest = bestSteps(measurements);
    measurements.push(measurement);
    const state = engine.exportState();
    await commitEpoch(
      checkpointFolder,
      {
        measurement,
        state: { step: measurement.step, epoch: measurement.epoch, identity, tensors: tensorsOfState(state) },
        bestSteps: bestSteps(measurements),
        ...(bestSteps(measurements).includes(measurement.step) ? { model: checkpoint(measurement, state) } : {}),
      },
      previousBest,
    );
    await hooks.onMeasurement?.(measurement);

    function checkpoint({ step, epoch, values: metrics }: TrialMeasurement, { weights, average }: typeof state) {
      const { id, study, number } = options.trial;
      const kept: ModelCheckpoint = {
        weights: tensorsOf(isAveraged ? average : weights),
        description: {
          family,
          hyperparameters: values,
          input,
          trial: { id, study, number, seed, fold: options.fold },
          step,
          epoch,
          values: metrics,
          evaluation: score.evaluation,
          hasAveragedWeights: isAveraged,
        },
      };
      return kept;
    }
  }
  return complete();

  async function complete(reason?: string): Promise<TrialOutcome> {
    const [winner] = best(measurements);
    if (winner === undefined) throw new Error(`no epoch has a finite ${objective.metric}`);
    await finishTrialFolder(checkpointFolder, bestSteps(measurements));
    return {
      type: 'completed',
      bestStep: winner.step,
      bestValue: winner.values[objective.metric] as number,
      ...(reason === undefined ? {} : { reason }),
    };
  }
}

interface ResumeOptions {
  readonly engine: Engine;
  readonly identity: Readonly<Record<string, unknown>>;
  readonly bestSteps: (measurements: readonly TrialMeasurement[]) => readonly number[];
  readonly onNote: TrainTrialHooks['onNote'];
}

/** Puts the engine where the trial was stopped; the measurements up to there, none when it begins. */
async function resume(
  { checkpointFolder, resumeFromStep }: TrainTrialOptions,
  { engine, identity, bestSteps, onNote }: ResumeOptions,
): Promise<readonly TrialMeasurement[]> {
  if (resumeFromStep !== undefined) {
    const point = await openResumePoint(checkpointFolder, {
      bestSteps,
      onDamage: (error) => onNote?.(`passed over: ${error.message}`),
    });
    if (point !== undefined) {
      assertSameTrial(point.state.identity, identity, checkpointFolder);
      engine.importState(stateOfTensors(point.state.tensors, point.state.step));
      onNote?.(`continues from step ${point.state.step}, epoch ${point.state.epoch}`);
      return point.measurements;
    }
    onNote?.(`no whole state in ${checkpointFolder}: starts from the beginning`);
  }
  await clearTrialFolder(checkpointFolder);
  return [];
}

/** What decides every number of a trial, besides the code. */
function identityOf(
  { family, seed, data, shuffleLabelsSeed }: TrainTrialOptions,
  values: Values,
): Record<string, unknown> {
  return {
    family,
    hyperparameters: values,
    seed,
    shuffleLabelsSeed: shuffleLabelsSeed ?? null,
    data: data.input.source,
  };
}

function assertSameTrial(
  stored: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
  folder: string,
): void {
  for (const name of Object.keys(wanted)) {
    if (JSON.stringify(stored[name]) === JSON.stringify(wanted[name])) continue;
    throw new InputError(
      'resume-other-trial',
      `${folder} holds a trial whose ${name} is ${JSON.stringify(stored[name])}, this one's is ${JSON.stringify(wanted[name])}; ` +
        'give each trial a folder of its own, or start it from the beginning',
    );
  }
}

function shuffled(data: TrialData, seed: number | undefined): TrialData {
  if (seed === undefined) return data;
  return { ...data, train: { ...data.train, labels: shuffleLabels(data.train.labels, seed) } };
}

function hasDiverged({ end, loss, nonFiniteStepCount }: EpochResult): boolean {
  return end === 'not-finite' || nonFiniteStepCount > 0 || !Number.isFinite(loss);
}

function diverged(what: string, value: number, epoch: number): TrialOutcome {
  const at = Number(epoch.toFixed(2));
  return {
    type: 'infeasible',
    code: 'diverged',
    reason: `the ${what} is not finite (${value}) at epoch ${at}: lower learningRate, add warm-up or clipNorm`,
    epoch,
  };
}

function builtInMetric(name: string): Metric {
  const metric = BUILT_IN_METRICS.find((candidate) => candidate.name === name);
  if (metric !== undefined) return metric;
  const known = BUILT_IN_METRICS.map((candidate) => candidate.name).join(', ');
  throw new InputError('unknown-metric', `the built-in trainer measures ${known}; got "${name}"`);
}

function validationMetric(name: string): void {
  if (builtInMetric(name).split === 'validation') return;
  const valid = BUILT_IN_METRICS.filter(({ split }) => split === 'validation').map((metric) => metric.name);
  throw new InputError('objective', `an objective is a validation metric: one of ${valid.join(', ')}; got "${name}"`);
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
