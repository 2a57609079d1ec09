/** The engine that a configuration asks for. */
import type { Values } from '@kinetune/study';
import { createAugmentation, type AugmentationStrengths } from '../augmentation/create-augmentation.ts';
import { findSensors } from '../augmentation/sensors.ts';
import type { ClassWeighting, OptimizerName } from '../catalogue/training-hyperparameters.ts';
import {
  createEngine,
  type CrossEntropyOptions,
  type Engine,
  type EngineOptions,
  type OptimizerSpec,
} from '../engine/index.ts';
import type { Augmentation, Model } from '../model.ts';
import { balancedClassWeights } from './class-weights.ts';
import { mixWindowsAndLoss } from './mix-windows-and-loss.ts';
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
  const lossOptions: CrossEntropyOptions = {
    labelSmoothing: number('labelSmoothing'),
    ...((values['classWeights'] as ClassWeighting) === 'balanced'
      ? { classWeights: [...balancedClassWeights(data.train.labels, model.classCount)] }
      : {}),
  };
  const augmentation = augmentationOf(values, data);
  const alpha = number('mixup');
  const mixed = alpha > 0 ? mixWindowsAndLoss(alpha, { augmentation, lossOptions }) : undefined;
  const augment = mixed?.augment ?? augmentation;
  const split = ({ samples, labels }: TrialData['train']) => ({ x: samples, y: labels });
  return createEngine({
    model: model as EngineOptions['model'],
    optimizer: optimizerSpec(values),
    loss: mixed?.loss ?? lossOptions,
    data: { train: split(data.train), validation: split(data.validation) },
    batchSize: number('batchSize'),
    seed,
    ...(augment === undefined ? {} : { augment }),
    ...(clipNorm > 0 ? { clipNorm } : {}),
    ...(averageDecay > 0 ? { averageDecay } : {}),
  });
}

function augmentationOf(values: Values, { input }: TrialData): Augmentation | undefined {
  return createAugmentation(values as AugmentationStrengths, {
    sensors: findSensors(input.channels),
    mean: input.scaler.mean,
    standardDeviation: input.scaler.standardDeviation,
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
