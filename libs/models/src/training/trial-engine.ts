/** The engine that a configuration asks for. */
import type { Values } from '@kinetune/study';
import type { ClassWeighting, OptimizerName } from '../catalogue/training-hyperparameters.ts';
import { createEngine, type Engine, type EngineOptions, type OptimizerSpec } from '../engine/index.ts';
import type { Model } from '../model.ts';
import { balancedClassWeights } from './class-weights.ts';
import type { TrialData } from './trial-data.ts';

export interface TrialEngineOptions {
  readonly model: Model;
  /** Every hyperparameter, resolved. */
  readonly values: Values;
  readonly data: TrialData;
  readonly seed: number;
}

export function createTrialEngine({ model, values, data, seed }: TrialEngineOptions): Promise<Engine> {
  const number = (name: string): number => values[name] as number;
  const clipNorm = number('clipNorm');
  const averageDecay = number('averageWeights');
  const split = ({ samples, labels }: TrialData['train']) => ({ x: samples, y: labels });
  return createEngine({
    model: model as EngineOptions['model'],
    optimizer: optimizerSpec(values),
    loss: {
      labelSmoothing: number('labelSmoothing'),
      ...((values['classWeights'] as ClassWeighting) === 'balanced'
        ? { classWeights: [...balancedClassWeights(data.train.labels, model.classCount)] }
        : {}),
    },
    data: { train: split(data.train), validation: split(data.validation) },
    batchSize: number('batchSize'),
    seed,
    ...(clipNorm > 0 ? { clipNorm } : {}),
    ...(averageDecay > 0 ? { averageDecay } : {}),
  });
}

function optimizerSpec(values: Values): OptimizerSpec {
  const number = (name: string): number => values[name] as number;
  const weightDecay = number('weightDecay');
  const type = values['optimizer'] as OptimizerName;
  switch (type) {
    case 'adam':
    case 'adamw':
      return { type, weightDecay, beta1: number('beta1'), beta2: number('beta2'), epsilon: number('epsilon') };
    case 'sgd':
      // Nesterov's form needs momentum; without any both are plain gradient descent.
      return { type, weightDecay, momentum: number('momentum'), nesterov: number('momentum') > 0 };
    case 'rmsprop':
      return { type, weightDecay, alpha: number('beta2'), epsilon: number('epsilon') };
  }
}
