// The engine
export { createEngine, type Engine } from './engine.ts';
export type { EngineOptions } from './engine-options.ts';
export type { DataSplit } from './data-sets.ts';
export type { EpochOptions } from './epoch-tables.ts';
export type { EpochResult, Spread } from './epoch-result.ts';
export type { NamedArray, TrainingState } from './training-state.ts';
export { usefulThreads } from './useful-threads.ts';

// What is trained
export type { LossFunction, Trainable } from './training-step.ts';
export { crossEntropy, type CrossEntropyOptions, type RowLosses } from './cross-entropy.ts';
export type { OptimizerSpec } from './optimizers/optimizer.ts';
