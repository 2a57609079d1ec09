/** What an engine is made from, checked once for the graph and for the eager reference. */
import { InputError } from '@kinetune/study';
import type { Augmentation } from '../model.ts';
import { crossEntropy, type CrossEntropyOptions } from './cross-entropy.ts';
import { layData, type DataSplit, type LaidData } from './data-sets.ts';
import { createOptimizer, type OptimizerRule, type OptimizerSpec } from './optimizers/optimizer.ts';
import { initialWeights, sizeOf, type TrainingState } from './training-state.ts';
import type { LossFunction, StepDefinition, Trainable } from './training-step.ts';

export interface EngineOptions {
  readonly model: Trainable;
  readonly optimizer: OptimizerSpec;
  /** Options of softmax cross-entropy (the default), or a function of outputs and targets. */
  readonly loss?: CrossEntropyOptions | LossFunction;
  /** `train` and any others to evaluate. The arrays are copied. */
  readonly data: Readonly<Record<string, DataSplit>>;
  readonly batchSize: number;
  /** Of the starting weights, dropout and augmentation: a whole number. */
  readonly seed: number;
  /** Bound of the gradient's global L2 norm, as torch.nn.utils.clip_grad_norm_; none when left out. */
  readonly clipNorm?: number;
  /** Keeps averaged weights (EMA): average = decay average + (1 - decay) weights after each step. In [0, 1). */
  readonly averageDecay?: number;
  readonly augment?: Augmentation;
  /** Rows evaluated at once; default the batch size, at least 128. */
  readonly evaluationBatchSize?: number;
}

/** The options, resolved. */
export interface Training {
  readonly definition: StepDefinition;
  readonly optimizer: OptimizerRule;
  readonly data: LaidData;
  readonly batchSize: number;
  readonly evaluationSize: number;
  readonly seed: number;
  readonly averageDecay: number | undefined;
  readonly start: TrainingState;
}

/** Throws an `InputError` for options that cannot be trained with. */
export function prepareTraining(options: EngineOptions): Training {
  assertOptions(options);
  const { model, batchSize, seed, clipNorm, averageDecay, augment } = options;
  const data = layData(options.data, model.inputShape);
  const optimizer = createOptimizer(options.optimizer);
  return {
    definition: { model, loss: lossFrom(options.loss), augment, clipNorm },
    optimizer,
    data,
    batchSize,
    evaluationSize: Math.min(options.evaluationBatchSize ?? Math.max(batchSize, 128), data.rowCount),
    seed,
    averageDecay,
    start: startingState(model, optimizer, { seed, keepsAverage: averageDecay !== undefined }),
  };
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

function assertOptions(options: EngineOptions): void {
  const { batchSize, seed, clipNorm, averageDecay, evaluationBatchSize = 1, model } = options;
  for (const [name, size] of Object.entries({ batchSize, evaluationBatchSize })) {
    if (!(Number.isInteger(size) && size > 0))
      throw new InputError(name, `${name} must be a positive integer, got ${size}`);
  }
  if (!Number.isSafeInteger(seed)) throw new InputError('seed', `seed must be a whole number, got ${seed}`);
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
