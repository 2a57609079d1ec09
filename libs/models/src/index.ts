// Loading TensorFlow
export { loadTensorFlow, type TensorFlow, type TensorFlowOptions } from './native/index.ts';

// The engine: a model, a loss and an optimizer become one graph
export {
  createEngine,
  crossEntropy,
  type CrossEntropyOptions,
  type DataSplit,
  type Engine,
  type EngineOptions,
  type EpochOptions,
  type EpochResult,
  type LossFunction,
  type NamedArray,
  type OptimizerSpec,
  type RowLosses,
  type Trainable,
  type TrainingState,
  usefulThreads,
} from './engine/index.ts';

// Models
export type {
  Augmentation,
  ForwardContext,
  Initialiser,
  Model,
  RandomSource,
  WeightLookup,
  WeightSpec,
} from './model.ts';
export { createModel } from './create-model.ts';

// Hyperparameters of families and of training (also the entry `@kinetune/models/catalogue`, which loads no TensorFlow)
export {
  findFamily,
  modelFamilies,
  trainingHyperparameters,
  type HyperparameterDefinition,
  type HyperparameterValues,
  type ModelFamily,
  type ModelShape,
} from './catalogue/index.ts';

// Training a trial
export { trainTrial, type TrainTrialHooks, type TrainTrialOptions, type TrialFacts } from './training/train-trial.ts';
export { INFEASIBLE_CODES, type InfeasibleCode, type TrialOutcome } from './training/trial-outcome.ts';
export type { LabelledWindows, TrialData } from './training/trial-data.ts';
export type { TrialMeasurement } from './training/trial-measurement.ts';

// Looking at held-out people with a model that was kept
export { evaluateCheckpoint, type CheckpointScore, type HeldOutWindows } from './training/evaluate-checkpoint.ts';

// Checkpoints
export {
  readModelCheckpoint,
  writeModelCheckpoint,
  type ModelCheckpoint,
  type ModelDescription,
  type ModelInput,
} from './checkpoint/model-checkpoint.ts';
export { decodeSafetensors, encodeSafetensors, type Safetensors, type StoredTensor } from './checkpoint/safetensors.ts';

// The pieces of a trial, for a training loop of one's own
export { planTrial, type TrialPlan, type TrialPlanOptions } from './training/trial-plan.ts';
export { createTrialEngine, type TrialEngineOptions } from './training/trial-engine.ts';
export { scoreValidation, type ValidationScore } from './training/score-validation.ts';
export { measurementOf, type EpochPlace } from './training/measurement-of.ts';
