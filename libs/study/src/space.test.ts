import { describe, expect, it } from 'vitest';
import { isActive, parseName, resolveValues, type Space } from './space.ts';

const space: Space = {
  version: 1,
  hyperparameters: [
    {
      name: 'optimizer',
      kind: 'optimizer',
      role: 'nuisance',
      domain: { type: 'categorical', choices: ['sgd', 'adam'] },
    },
    {
      name: 'optimizer=adam/schedule',
      kind: 'schedule',
      role: 'nuisance',
      domain: { type: 'categorical', choices: ['constant', 'cosine'] },
    },
    {
      name: 'optimizer=adam/schedule=cosine/finalLearningRate',
      kind: 'schedule',
      role: 'nuisance',
      domain: { type: 'float', minimum: 0, maximum: 1, scale: 'linear' },
    },
  ],
  fixed: [
    { name: 'epochs', kind: 'steps', value: 40, reason: 'short' },
    { name: 'optimizer=sgd/momentum', kind: 'optimizer', value: 0.9, reason: 'usual' },
  ],
};

describe('a namespaced name', () => {
  it('is a leaf under conditions, a nested parent namespaced itself', () => {
    expect(parseName('learningRate')).toEqual({ conditions: [], leaf: 'learningRate' });
    expect(parseName('a=x/b=y/c')).toEqual({
      conditions: [
        { parent: 'a', equals: 'x' },
        { parent: 'a=x/b', equals: 'y' },
      ],
      leaf: 'c',
    });
  });

  it('keeps what follows the first equals sign as the choice', () => {
    expect(parseName('a=x=1/c').conditions).toEqual([{ parent: 'a', equals: 'x=1' }]);
  });
});

describe('a conditional hyperparameter', () => {
  const leaf = 'optimizer=adam/schedule=cosine/finalLearningRate';

  it('is active where all its parents have the values it names', () => {
    expect(isActive('optimizer', {})).toBe(true);
    expect(isActive(leaf, { optimizer: 'adam', 'optimizer=adam/schedule': 'cosine' })).toBe(true);
    expect(isActive(leaf, { optimizer: 'adam', 'optimizer=adam/schedule': 'constant' })).toBe(false);
    expect(isActive(leaf, { optimizer: 'sgd', 'optimizer=adam/schedule': 'cosine' })).toBe(false);
    expect(isActive(leaf, {})).toBe(false);
  });

  it('may hang on a boolean or a number, named as text', () => {
    expect(isActive('bias=true/scale', { bias: true })).toBe(true);
    expect(isActive('depth=3/width', { depth: 3 })).toBe(true);
    expect(isActive('depth=3/width', { depth: 30 })).toBe(false);
  });
});

describe('what the trainer is given', () => {
  it('has every active value under its leaf name, fixed ones of other branches left out', () => {
    const values = {
      optimizer: 'adam',
      'optimizer=adam/schedule': 'cosine',
      'optimizer=adam/schedule=cosine/finalLearningRate': 0.1,
    };
    expect(resolveValues(space, values)).toEqual({
      epochs: 40,
      optimizer: 'adam',
      schedule: 'cosine',
      finalLearningRate: 0.1,
    });
    expect(resolveValues(space, { optimizer: 'sgd' })).toEqual({ epochs: 40, optimizer: 'sgd', momentum: 0.9 });
  });
});
