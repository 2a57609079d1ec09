import type { Values } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { requestOf, runStudy } from '../testing/run-study.ts';
import { spaceOf } from '../testing/sample-spaces.ts';
import { createGridSampler } from './grid-sampler.ts';

const space = spaceOf({
  learningRate: { type: 'float', minimum: 1e-4, maximum: 1, scale: 'log' },
  optimizer: { type: 'categorical', choices: ['sgd', 'adam'] },
  'optimizer=sgd/momentum': { type: 'float', minimum: 0.5, maximum: 0.9, scale: 'linear' },
  blockCount: { type: 'int', minimum: 1, maximum: 4, scale: 'linear' },
});

describe('the grid', () => {
  it('takes levels from end to end of a continuous scale, all values of a discrete one, and each branch its own', () => {
    const { suggested, isUsedUp } = runStudy(createGridSampler({ levels: 5 }), space, { count: 1000 });
    // 5 learning rates x 4 block counts x (5 momenta + 1).
    expect([suggested.length, isUsedUp]).toEqual([120, true]);
    expect(new Set(suggested.map((values) => JSON.stringify(values))).size).toBe(120);
    const valuesOf = (name: string): number[] =>
      [...new Set(suggested.flatMap(({ [name]: value }) => (value === undefined ? [] : [Number(value)])))].sort(
        (a, b) => a - b,
      );
    [1e-4, 1e-3, 1e-2, 1e-1, 1].forEach((expected, i) => expect(valuesOf('learningRate')[i]).toBeCloseTo(expected, 12));
    [0.5, 0.6, 0.7, 0.8, 0.9].forEach((expected, i) =>
      expect(valuesOf('optimizer=sgd/momentum')[i]).toBeCloseTo(expected, 12),
    );
    expect(valuesOf('blockCount')).toEqual([1, 2, 3, 4]);
  });

  it('spreads whatever part of it is run: a fifth of it has every value about as often', () => {
    for (let seed = 0; seed < 10; seed++) {
      const { suggested } = runStudy(createGridSampler({ levels: 5 }), space, { count: 24, seed });
      const counts = (name: string): number[] =>
        [...Map.groupBy(suggested, (values) => values[name]).values()].map(({ length }) => length);
      expect(counts('learningRate')).toHaveLength(5);
      expect(Math.max(...counts('blockCount'))).toBeLessThanOrEqual(8);
      expect(Math.min(...counts('blockCount'))).toBeGreaterThanOrEqual(4);
    }
  });

  it('leaves out what the constraints refuse', () => {
    const accepts = ({ optimizer, blockCount }: Values): boolean => optimizer === 'sgd' || Number(blockCount) <= 2;
    const { suggested, isUsedUp } = runStudy(createGridSampler({ levels: 3 }), space, { count: 1000, accepts });
    expect([suggested.length, isUsedUp]).toEqual([3 * (4 * 3 + 2), true]);
    expect(suggested.every(accepts)).toBe(true);
  });

  it('refuses more than a million combinations, and says how many there are', () => {
    const domain = { type: 'float', minimum: 0, maximum: 1, scale: 'linear' } as const;
    const large = spaceOf(Object.fromEntries(Array.from('abcdefg', (name) => [name, domain])));
    expect(() => createGridSampler({ levels: 10 })(requestOf(large, { seed: 1, index: 0 }))).toThrow(
      'expected a grid of at most 1,000,000 combinations, got 10,000,000: search fewer hyperparameters',
    );
    expect(createGridSampler({ levels: 7 })(requestOf(large, { seed: 1, index: 0 }))?.reason).toBe(
      "combination 0 of the grid's 823543, in an order that spreads any part of it",
    );
  });
});
