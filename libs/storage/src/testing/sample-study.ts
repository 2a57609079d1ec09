import type { NewStudy } from '../study.ts';

/** A small study that declares two metrics; `changes` make it another. */
export function sampleStudy(changes: Partial<NewStudy> = {}): NewStudy {
  return {
    name: 'sample',
    goal: 'which learning rate trains best?',
    phase: 'explore',
    data: {
      dataset: 'watch',
      window: { length: 128, step: 64 },
      split: { kind: 'group-k-fold', folds: 5, fold: 0, seed: 0 },
    },
    splitHash: null,
    model: 'cnn1d',
    trainer: { kind: 'built-in' },
    space: {
      version: 1,
      hyperparameters: [
        {
          name: 'learningRate',
          kind: 'optimizer',
          role: 'nuisance',
          domain: { type: 'float', minimum: 1e-4, maximum: 1e-1, scale: 'log' },
        },
      ],
      fixed: [],
    },
    metrics: [
      { name: 'trainLoss', direction: 'minimise', split: 'train' },
      { name: 'validationAccuracy', direction: 'maximise', split: 'validation' },
    ],
    objective: { metric: 'validationAccuracy', direction: 'maximise' },
    sampler: { kind: 'halton' },
    pruner: { kind: 'none' },
    budget: { trials: 10 },
    replicates: 1,
    folds: null,
    exploit: null,
    from: null,
    studyGroup: null,
    thresholds: {},
    parallelism: null,
    keepBest: 1,
    seed: 4294967295,
    shuffleLabelsSeed: null,
    ...changes,
  };
}
