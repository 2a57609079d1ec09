/**
 * The training engine: a model, a loss and an optimizer become one TensorFlow graph, and a step is one run of it.
 * Usable by itself: see `examples/train-by-hand.ts`.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { InputError } from '@kinetune/study';
import { assertCrossEntropyOptions, crossEntropy, type CrossEntropyOptions } from './cross-entropy.ts';
import { assertLabels, layData, type DataSplit, type LaidData } from './data-sets.ts';
import { runEpoch, type EpochOptions } from './train-epoch.ts';
import type { EpochResult } from './epoch-result.ts';
import { evaluateRows, type EvaluationResult } from './evaluation-result.ts';
import { openGraphSession, type GraphSession } from './graph-session.ts';
import type { GraphVariable } from './graph-variables.ts';
import { createOptimizer, type OptimizerRule, type OptimizerSpec } from './optimizers/optimizer.ts';
import { tensorFlowBackend } from './tensorflow-backend.ts';
import { buildTrainingGraph, type TrainingGraph } from './training-graph.ts';
import { assertSameArrays, initialWeights, sizeOf, type NamedArray, type TrainingState } from './training-state.ts';
import type { LossFunction, StepDefinition, Trainable } from './training-step.ts';
import type { Augmentation } from '../model.ts';

export interface EngineOptions {
  readonly model: Trainable;
  readonly optimizer: OptimizerSpec;
  /** Options of softmax cross-entropy (the default), or a function of outputs and targets. */
  readonly loss?: CrossEntropyOptions | LossFunction;
  /** `train` and any others to evaluate. The arrays are copied. */
  readonly data: Readonly<Record<string, DataSplit>>;
  readonly batchSize: number;
  /** Of the starting weights, dropout and augmentation. */
  readonly seed: number;
  /** Bound of the gradient's global L2 norm, as torch.nn.utils.clip_grad_norm_; none when left out. */
  readonly clipNorm?: number;
  /** Keeps averaged weights (EMA): average = decay average + (1 - decay) weights after each step. In [0, 1). */
  readonly averageDecay?: number;
  readonly augment?: Augmentation;
  /** Rows evaluated at once; default the batch size, at least 128. */
  readonly evaluationBatchSize?: number;
}

export interface Engine extends AsyncDisposable {
  /** Steps taken. */
  readonly step: number;
  /** One step for each `batchSize` rows of the order, and one for the rest. */
  trainEpoch(options: EpochOptions): Promise<EpochResult>;
  /** Every row of a split, by default under the current weights. */
  evaluate(
    split: string,
    options?: { readonly averaged?: boolean; readonly outputs?: boolean },
  ): Promise<EvaluationResult>;
  exportState(): TrainingState;
  /** Replaces weights, optimizer and step count; throws an `InputError` if the state is another model's or optimizer's. */
  importState(state: TrainingState): void;
  /** Frees the graph, its variables and the data. */
  close(): void;
}

/**
 * Builds the graph (seconds for a large model) and starts the weights. TensorFlow must be loaded (`loadTensorFlow`).
 * Throws an `InputError` for options that cannot be trained with.
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { model, batchSize, seed, clipNorm, averageDecay } = options;
  const { binding } = tensorFlowBackend();
  assertOptions(options);
  const data = layData(options.data, model.inputShape);
  const optimizer = createOptimizer(options.optimizer);
  const definition: StepDefinition = { model, loss: lossFrom(options.loss), augment: options.augment, clipNorm };
  const trainRows = splitOf(data, 'train').rowCount;
  const evaluationSize = Math.min(options.evaluationBatchSize ?? Math.max(batchSize, 128), data.rowCount);
  const keepsAverage = averageDecay !== undefined;

  const compile = async (sizes: Iterable<number>): Promise<{ training: TrainingGraph; session: GraphSession }> => {
    const training = buildTrainingGraph({
      definition,
      optimizer,
      data,
      batchSize,
      trainingSizes: [...new Set(sizes)],
      evaluationSize,
      keepsAverage,
    });
    if (data.y instanceof Int32Array && training.evaluate.outputShape.length === 1) {
      const classCount = training.evaluate.outputShape[0] as number;
      assertLabels(data, classCount);
      if (typeof options.loss !== 'function') assertCrossEntropyOptions(classCount, options.loss ?? {});
    }
    const session = await openGraphSession(binding, training.graph);
    const { x, y } = training.variables;
    session.run(
      [
        { name: x.feed, shape: x.shape, values: data.x },
        { name: y.feed, shape: y.shape, values: data.y },
      ],
      [training.assignment([x, y])],
    );
    return { training, session };
  };

  let { training, session } = await compile(batchSizesOf(trainRows, batchSize));
  let step = 0;

  const engine: Engine = {
    get step() {
      return step;
    },
    async trainEpoch(epoch) {
      assertEpoch(epoch, trainRows, batchSize);
      const missing = batchSizesOf(epoch.order.length, batchSize).filter((size) => !training.steps.has(size));
      if (missing.length > 0) {
        // A new batch shape needs its own graph, and variables live in one session: move over.
        const state = engine.exportState();
        const next = await compile([...training.steps.keys(), ...missing]);
        session.close();
        ({ training, session } = next);
        engine.importState(state);
      }
      const run = {
        session,
        training,
        optimizer,
        seed,
        batchSize,
        firstStep: step,
        averageDecay,
        clipNorm,
        now: () => performance.now(),
      };
      const result = await runEpoch(run, epoch);
      step += result.stepCount;
      return result;
    },
    async evaluate(split, { averaged = false, outputs = false } = {}) {
      const nodes = averaged ? training.evaluateAverage : training.evaluate;
      if (nodes === undefined)
        throw new InputError('average', 'Averaged weights are not kept; give averageDecay to createEngine');
      const labels = data.y instanceof Int32Array ? data.y : undefined;
      return evaluateRows(
        { session, nodes, evaluationSize, ...splitOf(data, split), labels, keepsOutputs: outputs },
        () => nextTurn(),
      );
    },
    exportState() {
      const entries = stateVariables(training);
      const values = session.run(
        [],
        entries.map(({ variable }) => variable.value),
      ) as Float32Array[];
      const state = {
        step,
        weights: new Map<string, NamedArray>(),
        optimizer: new Map<string, NamedArray>(),
        average: new Map<string, NamedArray>(),
      };
      entries.forEach(({ part, name, variable }, i) =>
        state[part].set(name, { shape: variable.shape, values: values[i] as Float32Array }),
      );
      return state;
    },
    importState(state) {
      const entries = stateVariables(training);
      for (const part of ['weights', 'optimizer', 'average'] as const) {
        const wanted = new Map(
          entries.filter((entry) => entry.part === part).map(({ name, variable }) => [name, variable.shape]),
        );
        assertSameArrays(part, wanted, state[part]);
      }
      const feeds = entries.map(({ part, name, variable }) => ({
        name: variable.feed,
        shape: variable.shape,
        values: state[part].get(name)?.values as Float32Array,
      }));
      session.run(feeds, [training.assignment(entries.map(({ variable }) => variable))]);
      step = state.step;
    },
    close() {
      session.close();
    },
    async [Symbol.asyncDispose]() {
      session.close();
    },
  };
  engine.importState(startingState(model, optimizer, { seed, keepsAverage }));
  return engine;
}

function startingState(
  model: Trainable,
  optimizer: OptimizerRule,
  { seed, keepsAverage }: { seed: number; keepsAverage: boolean },
): TrainingState {
  const weights = initialWeights(model.weights, seed);
  const zeros = optimizer.slots.flatMap((slot) =>
    model.weights.map(
      ({ name, shape }) => [`${slot}/${name}`, { shape, values: new Float32Array(sizeOf(shape)) }] as const,
    ),
  );
  return { step: 0, weights, optimizer: new Map(zeros), average: keepsAverage ? weights : new Map() };
}

function stateVariables({
  variables,
}: TrainingGraph): { part: 'weights' | 'optimizer' | 'average'; name: string; variable: GraphVariable }[] {
  return [
    ...[...variables.weights].map(([name, variable]) => ({ part: 'weights' as const, name, variable })),
    ...[...variables.slots].flatMap(([slot, group]) =>
      [...group].map(([name, variable]) => ({ part: 'optimizer' as const, name: `${slot}/${name}`, variable })),
    ),
    ...[...variables.average].map(([name, variable]) => ({ part: 'average' as const, name, variable })),
  ];
}

function lossFrom(loss: EngineOptions['loss']): LossFunction {
  if (typeof loss === 'function') return loss;
  return (outputs, targets) => {
    if (outputs.rank !== 2 || targets.dtype !== 'int32') {
      throw new InputError(
        'loss',
        `Cross-entropy needs outputs [B, K] and int32 classes; got outputs of rank ${outputs.rank} and ${targets.dtype} targets. Give your own loss`,
      );
    }
    return crossEntropy(outputs as never, targets, loss);
  };
}

function batchSizesOf(rowCount: number, batchSize: number): number[] {
  const rest = rowCount % batchSize;
  return [...(rowCount >= batchSize ? [batchSize] : []), ...(rest > 0 ? [rest] : [])];
}

function splitOf(data: LaidData, name: string): { readonly start: number; readonly rowCount: number } {
  const split = data.splits.get(name);
  if (split === undefined)
    throw new InputError('split', `There is no split '${name}'; the data has ${[...data.splits.keys()].join(', ')}`);
  return split;
}

function assertOptions({ batchSize, clipNorm, averageDecay, evaluationBatchSize = 1, model }: EngineOptions): void {
  for (const [name, size] of Object.entries({ batchSize, evaluationBatchSize })) {
    if (!(Number.isInteger(size) && size > 0))
      throw new InputError(name, `${name} must be a positive integer, got ${size}`);
  }
  if (clipNorm !== undefined && !(clipNorm > 0))
    throw new InputError('clipNorm', `clipNorm must be above 0, got ${clipNorm}`);
  if (averageDecay !== undefined && !(averageDecay >= 0 && averageDecay < 1)) {
    throw new InputError('averageDecay', `averageDecay must be in [0, 1), got ${averageDecay}`);
  }
  const names = new Set(model.weights.map(({ name }) => name));
  if (names.size === 0) throw new InputError('model', 'The model declares no weights, so there is nothing to train');
  if (names.size < model.weights.length)
    throw new InputError('model', 'The model declares two weights of the same name');
}

function assertEpoch({ order, learningRates }: EpochOptions, trainRows: number, batchSize: number): void {
  if (order.length === 0) throw new InputError('order', 'The order of an epoch needs at least one row');
  const bad = order.findIndex((row) => row < 0 || row >= trainRows);
  if (bad >= 0)
    throw new InputError('order', `order[${bad}] is ${order[bad]}; the training split has rows 0 to ${trainRows - 1}`);
  const stepCount = Math.ceil(order.length / batchSize);
  if (learningRates.length !== stepCount) {
    throw new InputError(
      'learningRates',
      `${order.length} rows in batches of ${batchSize} are ${stepCount} steps; got ${learningRates.length} learning rates`,
    );
  }
  for (let i = 0; i < stepCount; i++) {
    const rate = learningRates[i] as number;
    if (!(rate >= 0 && Number.isFinite(rate)))
      throw new InputError(
        'learningRates',
        `The learning rate of step ${i} must be finite and not negative, got ${rate}`,
      );
  }
}
