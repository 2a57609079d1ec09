import { describe, expect, it } from 'vitest';
import { storedTrial } from '../testing/stored-trial.ts';
import { analysedConfigurations } from './analysed-configurations.ts';

const space = { version: 1, hyperparameters: [], fixed: [] };
const stateOf = (...trials: Parameters<typeof storedTrial>[0][]) =>
  analysedConfigurations(
    trials.map((trial, replicate) => storedTrial({ replicate, ...trial })),
    space,
  )[0];

describe('the configurations of a study', () => {
  it('come one a number, in order, whatever the order and number of their trials', () => {
    const trials = [2, 0, 2, 1].map((number, replicate) => storedTrial({ number, replicate }));
    const found = analysedConfigurations(trials, space);
    expect(found.map(({ number, trials: own }) => [number, own.length])).toEqual([
      [0, 1],
      [1, 1],
      [2, 2],
    ]);
  });

  it('have the mean value and the median trial by best step', () => {
    const found = stateOf({ bestValue: 0.7, bestStep: 90 }, { bestValue: 0.8, bestStep: 50 }, { bestValue: 0.9 });
    expect(found).toMatchObject({ state: 'COMPLETED', bestStep: 60 });
    expect(found?.bestValue).toBeCloseTo(0.8, 12);
  });

  it('are infeasible where one trial is, and pruned where one was', () => {
    expect(stateOf({}, { state: 'INFEASIBLE', reasonCode: 'diverged', bestValue: null })).toMatchObject({
      state: 'INFEASIBLE',
      bestValue: null,
      reasonCode: 'diverged',
    });
    expect(stateOf({}, { state: 'PRUNED' })).toMatchObject({ state: 'PRUNED' });
  });

  it('keep their mean while a further replicate waits or after it failed', () => {
    expect(stateOf({ bestValue: 0.7 }, { state: 'QUEUED', bestValue: null })).toMatchObject({ bestValue: 0.7 });
    expect(stateOf({ bestValue: 0.7 }, { state: 'FAILED', bestValue: null })).toMatchObject({ bestValue: 0.7 });
  });

  it('count each fold the same, however many seeds it has', () => {
    const found = stateOf({ fold: 0, bestValue: 0.9 }, { fold: 1, bestValue: 0.5 }, { fold: 1, bestValue: 0.7 });
    expect(found?.bestValue).toBeCloseTo(0.75, 12);
    expect(stateOf({ fold: 0, bestValue: 0.9 }, { fold: 1, state: 'RUNNING', bestValue: 0.4 })).toMatchObject({
      state: 'RUNNING',
    });
  });

  it('are infeasible where a completed trial has no finite value', () => {
    expect(stateOf({ bestValue: 0.7 }, { bestValue: null })).toMatchObject({ state: 'INFEASIBLE', bestValue: null });
  });
});
