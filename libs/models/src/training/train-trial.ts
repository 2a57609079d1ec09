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
import { type EarlyStopping, InputError, invariant, type Objective, type Values } from '@kinetune/study';
import type { ModelCheckpoint } from '../checkpoint/model-checkpoint.ts';
import { commitEpoch, finishTrialFolder } from '../checkpoint/trial-folder.ts';
import type { TrainingState } from '../engine/index.ts';
import { assertTrialData } from './assert-trial-data.ts';
import { bestMeasurements } from './best-measurements.ts';
import { assertObjective, builtInMetric } from './built-in-metric.ts';
import { earlyStopReason } from './early-stop-reason.ts';
import { tensorsOf, tensorsOfState } from './engine-state.ts';
import { isOutOfMemory } from './out-of-memory.ts';
import { resumeTrial } from './resume-trial.ts';
import type { TrialData } from './trial-data.ts';
import { createTrialEngine } from './trial-engine.ts';
import { createTrialEpoch, type DivergedEpoch, type MeasuredEpoch } from './trial-epoch.ts';
import type { TrialMeasurement } from './trial-measurement.ts';
import type { TrialOutcome } from './trial-outcome.ts';
import { planTrial, type TrialPlan } from './trial-plan.ts';

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
  const { objective, checkpointFolder, earlyStopping, keepBest = 1, resumeFromStep } = options;
  assertObjective(objective.metric);
  assertTrialData(options.data);
  if (!(Number.isSafeInteger(keepBest) && keepBest >= 1)) {
    throw new InputError('keep-best', `keepBest must be a whole number of checkpoints from 1 on, got ${keepBest}`);
  }
  const watched = earlyStopping === undefined ? undefined : builtInMetric(earlyStopping.metric);
  const plan = planTrial(options);
  const { schedule, totalEpochs, model, identity } = plan;
  const best = (all: readonly TrialMeasurement[]) => bestMeasurements(all, objective, keepBest);
  const bestSteps = (all: readonly TrialMeasurement[]) => best(all).map(({ step }) => step);

  await using engine = await createTrialEngine({ ...plan, seed: options.seed });
  const onNote = hooks.onNote ?? (() => {});
  const resumed = await resumeTrial(engine, { checkpointFolder, resumeFromStep, identity, bestSteps, onNote });
  const measurements = [...resumed];
  const doneStep = (): number => measurements.at(-1)?.step ?? 0;
  await hooks.onStarted?.({
    totalSteps: schedule.totalSteps,
    totalEpochs,
    weightCount: model.weights.reduce((sum, weight) => sum + weight.shape.reduce((size, n) => size * n, 1), 0),
    resumedFromStep: doneStep(),
  });
  for (const measurement of resumed) {
    if (measurement.step > (resumeFromStep ?? 0)) await hooks.onMeasurement?.(measurement);
  }

  const trainEpoch = createTrialEpoch({ plan, engine, options, hooks });
  let reason: string | undefined;
  for (let epoch = measurements.length; epoch < totalEpochs; epoch++) {
    reason = watched && earlyStopping && earlyStopReason(earlyStopping, watched.direction, measurements);
    if (reason !== undefined) break;
    if (hooks.signal?.aborted === true) return { type: 'stopped', step: doneStep() };
    const result = await trainEpoch(epoch);
    if (result.type === 'aborted') return { type: 'stopped', step: doneStep() };
    if (result.type === 'diverged') return diverged(result);

    const previousBest = best(measurements);
    const isBest = best([...measurements, result.measurement])[0] === result.measurement;
    const measurement = isBest ? { ...result.measurement, evaluation: result.evaluation } : result.measurement;
    measurements.push(measurement);
    const state = engine.exportState();
    const isKept = bestSteps(measurements).includes(measurement.step);
    await commitEpoch(
      checkpointFolder,
      {
        measurement,
        state: { step: measurement.step, epoch: measurement.epoch, identity, tensors: tensorsOfState(state) },
        bestSteps: bestSteps(measurements),
        ...(isKept ? { model: modelCheckpoint(options, plan, { ...result, state }) } : {}),
      },
      previousBest.map(({ step }) => step),
    );
    await hooks.onMeasurement?.(measurement);
  }

  const [winner] = best(measurements);
  invariant(winner !== undefined, `an epoch that did not diverge has a finite ${objective.metric}`);
  await finishTrialFolder(checkpointFolder, bestSteps(measurements));
  return {
    type: 'completed',
    bestStep: winner.step,
    bestValue: winner.values[objective.metric] as number,
    ...(reason === undefined ? {} : { reason }),
  };
}

function modelCheckpoint(
  { trial: { id, study, number }, family, seed, fold }: TrainTrialOptions,
  { values, data, isAveraged }: TrialPlan,
  { measurement, evaluation, state }: MeasuredEpoch & { readonly state: TrainingState },
): ModelCheckpoint {
  return {
    weights: tensorsOf(isAveraged ? state.average : state.weights),
    description: {
      family,
      hyperparameters: values,
      input: data.input,
      trial: { id, study, number, seed, fold },
      step: measurement.step,
      epoch: measurement.epoch,
      values: measurement.values,
      evaluation,
      hasAveragedWeights: isAveraged,
    },
  };
}

function diverged({ what, value, epoch }: DivergedEpoch): TrialOutcome {
  const at = Number(epoch.toFixed(2));
  return {
    type: 'infeasible',
    code: 'diverged',
    reason: `the ${what} is not finite (${value}) at epoch ${at}: lower learningRate, add warm-up or clipNorm`,
    epoch,
  };
}
