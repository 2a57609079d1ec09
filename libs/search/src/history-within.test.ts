import { describe, expect, it } from 'vitest';
import { changedSpace } from './analysis/changed-space.ts';
import { historyWithin, valuesWithin } from './history-within.ts';
import { mixedSpace } from './testing/sample-spaces.ts';

const adam = { learningRate: 1e-3, dropout: 0.1, embeddingSize: 64, optimizer: 'adam' };
const sgd = { ...adam, optimizer: 'sgd', 'optimizer=sgd/momentum': 0.9 };

describe('a configuration within another space', () => {
  it('lies within a wider one, and outside a narrower one that leaves it out', () => {
    const wider = changedSpace(mixedSpace, { dropout: { type: 'float', minimum: 0, maximum: 0.9, scale: 'linear' } });
    expect(valuesWithin(wider, sgd)).toEqual(sgd);
    const narrower = changedSpace(mixedSpace, {
      dropout: { type: 'float', minimum: 0.2, maximum: 0.5, scale: 'linear' },
    });
    expect(valuesWithin(narrower, sgd)).toBeNull();
    expect(valuesWithin(narrower, { ...sgd, dropout: 0.2 })).toEqual({ ...sgd, dropout: 0.2 });
  });

  it('loses what is held now at its value, and lies outside where it had another', () => {
    const held = changedSpace(mixedSpace, {}, [
      { name: 'optimizer', kind: 'optimizer', value: 'sgd', reason: 'the better one' },
    ]);
    const { optimizer: _, ...rest } = sgd;
    expect(valuesWithin(held, sgd)).toEqual(rest);
    expect(valuesWithin(held, adam)).toBeNull();
  });

  it('lies outside a space that asks for more, or does not know what it has', () => {
    const more = { ...mixedSpace, hyperparameters: [...mixedSpace.hyperparameters] };
    more.hyperparameters.push({
      name: 'weightDecay',
      kind: 'regulariser',
      role: 'nuisance',
      domain: { type: 'float', minimum: 0, maximum: 1, scale: 'linear' },
    });
    expect(valuesWithin(more, adam)).toBeNull();
    expect(valuesWithin(mixedSpace, { ...adam, weightDecay: 0 })).toBeNull();
    expect(valuesWithin(mixedSpace, { ...adam, 'optimizer=sgd/momentum': 0.9 })).toBeNull();
  });
});

describe('a history within another space', () => {
  it('keeps of every kind what lies within, in its order', () => {
    const space = changedSpace(mixedSpace, { optimizer: { type: 'categorical', choices: ['adam'] } });
    const history = {
      observed: [
        { values: adam, objective: 1, replicates: 2, variance: 0.5 },
        { values: sgd, objective: 2, replicates: 1 },
      ],
      infeasible: [sgd, adam],
      pending: [sgd],
      pruned: [
        { values: sgd, objective: 3, progress: 0.5 },
        { values: adam, objective: 4, progress: 0.25 },
      ],
    };
    expect(historyWithin(space, history)).toEqual({
      observed: [{ values: adam, objective: 1, replicates: 2, variance: 0.5 }],
      infeasible: [adam],
      pending: [],
      pruned: [{ values: adam, objective: 4, progress: 0.25 }],
    });
    expect(historyWithin(mixedSpace, history)).toEqual(history);
  });
});
