import { findFamily } from '@kinetune/models/catalogue';
import type { Space } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { acceptance } from './acceptance.ts';
import { drawSpace } from './draw-space.ts';
import { knownShape } from './known-shape.ts';

const shape = { windowLength: 128, channelCount: 6, classCount: 7 };
const spaceWith = (...constraints: readonly string[]): Space => ({
  version: 1,
  hyperparameters: [
    {
      name: 'patchSize',
      kind: 'architecture',
      role: 'scientific',
      domain: { type: 'int', minimum: 4, maximum: 16, scale: 'linear' },
    },
    {
      name: 'optimizer',
      kind: 'optimizer',
      role: 'scientific',
      domain: { type: 'categorical', choices: ['adam', 'sgd'] },
    },
    {
      name: 'optimizer=sgd/momentum',
      kind: 'optimizer',
      role: 'nuisance',
      domain: { type: 'float', minimum: 0, maximum: 0.99, scale: 'linear' },
    },
  ],
  fixed: [{ name: 'blockCount', kind: 'architecture', value: 2, reason: 'test' }],
  constraints,
});
const small = { patchSize: 8, optimizer: 'adam' };

describe('what constraints let through', () => {
  it.each([
    ['windowLength % patchSize == 0', { ...small, patchSize: 8 }, true],
    ['windowLength % patchSize == 0', { ...small, patchSize: 10 }, false],
    ['blockCount > 2', small, false],
    ['momentum >= 0.5', { patchSize: 8, optimizer: 'sgd', 'optimizer=sgd/momentum': 0.4 }, false],
    ['momentum >= 0.5', small, true],
    ['classCount == 7 && channelCount == 6', small, true],
  ])('%s with %j: %s', (constraint, values, expected) => {
    expect(acceptance(spaceWith(constraint), 'vit1d', shape)(values)).toBe(expected);
  });

  it('knows the weights of the model, fixed values included', () => {
    const weights = findFamily('vit1d').weightCount({ patchSize: 8, blockCount: 2 }, shape);
    expect(acceptance(spaceWith(`weightCount <= ${weights}`), 'vit1d', shape)(small)).toBe(true);
    expect(acceptance(spaceWith(`weightCount < ${weights}`), 'vit1d', shape)(small)).toBe(false);
  });

  it('takes what only unread data tell to hold', () => {
    const accepts = acceptance(spaceWith('weightCount < 1', 'patchSize < 9'), 'vit1d', { windowLength: 128 });
    expect(accepts(small)).toBe(true);
    expect(accepts({ ...small, patchSize: 9 })).toBe(false);
  });
});

describe('draws from a space', () => {
  it('count what is accepted and what cannot be built, and suggest the constraint that leaves it out', () => {
    const free = drawSpace(spaceWith(), 'vit1d', shape);
    // 4, 8 and 16 of the 13 divide the window: 1540 of 2000 on average, standard deviation 19.
    expect(free).toMatchObject({ accepted: 2000, suggestedConstraint: 'windowLength % patchSize == 0' });
    expect(Math.abs((free.unbuildable as number) - 2000 * (10 / 13))).toBeLessThan(5 * 19);
    expect(free.reasons[0]).toMatch(/^patchSize must divide the window length of 128 samples, got \d+/);
    const constrained = drawSpace(spaceWith(free.suggestedConstraint as string), 'vit1d', shape);
    expect(constrained).toMatchObject({
      unbuildable: 0,
      suggestedConstraint: null,
      accepted: 2000 - (free.unbuildable as number),
    });
    expect(drawSpace(spaceWith(), 'vit1d', shape)).toEqual(free);
  });

  it('say what only the data will decide', () => {
    const shapeOfCsv = knownShape({
      dataset: 'csv',
      path: 'x.csv',
      window: { length: 100, step: 50 },
      split: { kind: 'group-k-fold', folds: 5, fold: 0, seed: 0 },
      csv: { channels: ['a', 'b'] },
    });
    expect(shapeOfCsv).toEqual({ windowLength: 100, channelCount: 2 });
    const draws = drawSpace(spaceWith('weightCount < 9e9', 'channelCount == 2', 'classCount < 9'), 'vit1d', shapeOfCsv);
    expect(draws).toMatchObject({ accepted: 2000, unbuildable: null, undecided: ['weightCount', 'classCount'] });
  });
});
