/**
 * The reference: the engine's training step run op by op through tfjs, from the same definitions, tables and seeds.
 * 10 to 100 times slower; tests hold the graph against it, for every model.
 */
import * as tf from '@tensorflow/tfjs-core';
import { prepareTraining, type EngineOptions, type Training } from './engine-options.ts';
import { summariseLog, type EpochResult } from './epoch-result.ts';
import { assertEpoch, epochTables, scheduleColumns, type EpochOptions } from './epoch-tables.ts';
import { splitOf } from './data-sets.ts';
import { logColumns } from './training-graph.ts';
import { computeEvaluation, computeStep } from './training-step.ts';
import type { NamedArray, TrainingState } from './training-state.ts';

export interface EagerEngine {
  trainEpoch(options: EpochOptions): EpochResult;
  /** Mean loss of a split, all rows at once. */
  evaluate(split: string): { readonly loss: number; readonly outputs: Float32Array };
  exportState(): TrainingState;
  importState(state: TrainingState): void;
}

export function createEagerEngine(options: EngineOptions): EagerEngine {
  const training = prepareTraining(options);
  let state = training.start;
  return {
    trainEpoch(epoch) {
      assertEpoch(training, epoch);
      const { stepCount, schedule, seeds } = epochTables(training, state.step, epoch);
      const columns = scheduleColumns(training);
      const log = new Float32Array(stepCount * logColumns.length);
      for (let i = 0; i < stepCount; i++) {
        const rows = epoch.order.subarray(i * training.batchSize, (i + 1) * training.batchSize);
        const row = schedule.subarray(i * columns.length, (i + 1) * columns.length);
        const scalars = Object.fromEntries(columns.map((name, c) => [name, row[c] as number]));
        const next = eagerStep(training, state, { rows, scalars, seed: seeds[i] as number });
        log.set(next.log, i * logColumns.length);
        state = next.state;
      }
      const { clipNorm } = training.definition;
      return summariseLog(log, { end: 'finished', stepCount, rowCount: epoch.order.length, clipNorm, durationMs: NaN });
    },
    evaluate(split) {
      const { start, rowCount } = splitOf(training.data, split);
      return tf.tidy(() => {
        const batch = batchOf(
          training,
          Int32Array.from({ length: rowCount }, (_, i) => start + i),
        );
        const weights = new Map([...state.weights].map(([name, array]) => [name, toTensor(array)]));
        const { outputs, losses, rowWeights } = computeEvaluation(training.definition, weights, batch);
        const weightSum = rowWeights === undefined ? tf.scalar(rowCount) : tf.sum(rowWeights);
        const loss = tf.div(tf.sum(losses), weightSum).dataSync()[0] as number;
        return { loss, outputs: outputs.dataSync() as Float32Array };
      });
    },
    exportState: () => state,
    importState(next) {
      state = next;
    },
  };
}

interface EagerInputs {
  /** Rows of the training split. */
  readonly rows: Int32Array;
  readonly scalars: Readonly<Record<string, number>>;
  readonly seed: number;
}

function eagerStep(
  training: Training,
  state: TrainingState,
  { rows, scalars, seed }: EagerInputs,
): { readonly state: TrainingState; readonly log: readonly number[] } {
  const { definition, optimizer, data, averageDecay } = training;
  const { start } = splitOf(data, 'train');
  return tf.tidy(() => {
    const weights = new Map([...state.weights].map(([name, array]) => [name, tf.variable(toTensor(array))]));
    const scalarTensors = Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, tf.scalar(value)]));
    try {
      const batch = batchOf(
        training,
        rows.map((row) => start + row),
      );
      const step = computeStep(definition, weights, { ...batch, stepSeed: tf.scalar(seed, 'int32') });
      const next = {
        step: state.step + 1,
        weights: new Map<string, NamedArray>(),
        optimizer: new Map<string, NamedArray>(),
        average: new Map<string, NamedArray>(),
      };
      definition.model.weights.forEach(({ name, shape, decays }, i) => {
        const weight = weights.get(name) as tf.Variable;
        const gradient = step.gradients[i] as tf.Tensor;
        const slots = Object.fromEntries(
          optimizer.slots.map((slot) => [slot, toTensor(state.optimizer.get(`${slot}/${name}`) as NamedArray)]),
        );
        const updated = optimizer.update({ weight, gradient, slots, decays }, scalarTensors);
        const toArray = (tensor: tf.Tensor): NamedArray => ({ shape, values: tensor.dataSync() as Float32Array });
        next.weights.set(name, toArray(updated.weight));
        for (const slot of optimizer.slots)
          next.optimizer.set(`${slot}/${name}`, toArray(updated.slots[slot] as tf.Tensor));
        if (averageDecay === undefined) return;
        const average = toTensor(state.average.get(name) as NamedArray);
        const change = tf.mul(tf.sub(average, updated.weight), scalars['averageRate'] as number);
        next.average.set(name, toArray(tf.sub(average, change)));
      });
      const log = [step.lossSum, step.weightSum, step.correctCount, step.gradientNorm];
      return { state: next, log: log.map((tensor) => tensor.dataSync()[0] as number) } as never;
    } finally {
      for (const weight of weights.values()) weight.dispose();
    }
  });
}

/** Rows of the laid data, picked in JS. */
function batchOf({ data }: Training, rows: Int32Array): { readonly inputs: tf.Tensor; readonly targets: tf.Tensor } {
  const pick = <T extends Float32Array | Int32Array>(values: T): T => {
    const size = values.length / data.rowCount;
    const picked = new (values.constructor as new (length: number) => T)(rows.length * size);
    rows.forEach((row, i) => picked.set(values.subarray(row * size, (row + 1) * size), i * size));
    return picked;
  };
  const dtype = data.y instanceof Int32Array ? 'int32' : 'float32';
  return {
    inputs: tf.tensor(pick(data.x), [rows.length, ...data.rowShape]),
    targets: tf.tensor(pick(data.y), [rows.length, ...data.targetShape], dtype),
  };
}

/** A copy: a tensor may share the memory of the array it was made from. */
function toTensor({ shape, values }: NamedArray): tf.Tensor {
  return tf.tensor(values.slice(), [...shape]);
}
