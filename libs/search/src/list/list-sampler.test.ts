import type { Values } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { requestOf, runStudy } from '../testing/run-study.ts';
import { mixedSpace } from '../testing/sample-spaces.ts';
import { checkConfigurations, createListSampler } from './list-sampler.ts';

const adam = { learningRate: 1e-3, dropout: 0.1, embeddingSize: 64, optimizer: 'adam' };
const sgd = { ...adam, optimizer: 'sgd', 'optimizer=sgd/momentum': 0.9 };
const slow = { ...adam, learningRate: 1e-4 };

describe('a list of configurations', () => {
  it('is suggested in its order, then null', () => {
    const { suggested, isUsedUp } = runStudy(createListSampler({ configurations: [adam, sgd, slow] }), mixedSpace, {
      count: 9,
    });
    expect(suggested).toEqual([adam, sgd, slow]);
    expect(isUsedUp).toBe(true);
  });

  it('says which one it is', () => {
    const suggestion = createListSampler({ configurations: [adam, sgd] })(requestOf(mixedSpace, { seed: 1, index: 1 }));
    expect(suggestion).toMatchObject({ engine: 'list', reason: 'configuration 2 of the 2 that the study lists' });
  });

  it('leaves out those that disagree with given values', () => {
    const sampler = createListSampler({ configurations: [adam, sgd, slow] });
    const { suggested } = runStudy(sampler, mixedSpace, { count: 9, given: { optimizer: 'adam' } });
    expect(suggested).toEqual([adam, slow]);
  });

  it.each<[string, Values, string]>([
    [
      'an unknown name',
      { ...adam, learningrate: 1 },
      'learningrate is no hyperparameter of the space. Did you mean learningRate?',
    ],
    [
      'a missing value',
      { learningRate: 1e-3, dropout: 0, optimizer: 'adam' },
      'expected a value for embeddingSize, found none',
    ],
    [
      'a value outside its range',
      { ...sgd, 'optimizer=sgd/momentum': 2 },
      'expected optimizer=sgd/momentum to be a number from 0.5 to 0.99, got 2',
    ],
    [
      'a value of another branch',
      { ...sgd, optimizer: 'adam' },
      'optimizer=sgd/momentum does not exist under its other values: leave it out',
    ],
    [
      'a choice that is none',
      { ...adam, optimizer: 'lion' },
      'expected optimizer to be one of "sgd", "adam", got "lion"',
    ],
    [
      'a fraction',
      { ...adam, embeddingSize: 64.5 },
      'expected embeddingSize to be a whole number from 16 to 512, got 64.5',
    ],
    [
      'a repetition',
      slow,
      'it is configuration 2 again: list it once, and ask for replicates to train it several times',
    ],
  ])('refuses %s, and names the entry', (_, wrong, problem) => {
    const sampler = createListSampler({ configurations: [adam, slow, wrong] });
    const refusal = `configuration 3 of the list: ${problem}`;
    expect(() => sampler(requestOf(mixedSpace, { seed: 1, index: 0 }))).toThrow(refusal);
    expect(() => checkConfigurations(mixedSpace, [adam, slow, wrong])).toThrow(refusal);
  });

  it('refuses what breaks a constraint', () => {
    const space = { ...mixedSpace, constraints: ['dropout > 0.2'] };
    expect(() => checkConfigurations(space, [adam], ({ dropout }) => Number(dropout) > 0.2)).toThrow(
      'configuration 1 of the list: it does not satisfy the constraints dropout > 0.2',
    );
  });
});
