import { describe, expect, it } from 'vitest';
import { findFamily, trainingHyperparameters } from '../catalogue/index.ts';
import { resolveConfiguration } from './resolve-configuration.ts';

const cnn1d = findFamily('cnn1d');

describe('resolveConfiguration', () => {
  it('fills in the default of everything that is missing, the training ones too', () => {
    const values = resolveConfiguration(cnn1d, { learningRate: 0.01, channels: 16 });
    expect(values).toMatchObject({ learningRate: 0.01, channels: 16, batchSize: 128, schedule: 'cosine' });
    const names = [...cnn1d.hyperparameters, ...trainingHyperparameters].map(({ name }) => name);
    expect(Object.keys(values).sort()).toEqual([...new Set(names)].sort());
  });

  it('refuses an unknown name and says which was meant', () => {
    expect(() => resolveConfiguration(cnn1d, { learningrate: 0.01 })).toThrow(
      'cnn1d has no hyperparameter "learningrate". Did you mean learningRate?',
    );
    expect(() => resolveConfiguration(cnn1d, { lr: 0.01 })).toThrow(
      "The original study's lr is called learningRate here.",
    );
    expect(() => resolveConfiguration(cnn1d, { numberOfTrees: 8 })).toThrow(
      /^cnn1d has no hyperparameter "numberOfTrees"\.$/,
    );
  });

  it('names every value that is out of range or of the wrong type', () => {
    expect(() => resolveConfiguration(cnn1d, { learningRate: '0.1', dropout: 2, epochs: 1.5 })).toThrow(
      /dropout must be a number from 0 to 0.95, got 2.*learningRate must be .*got "0.1".*epochs must be a whole number/s,
    );
  });
});
