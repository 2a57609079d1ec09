import { describe, expect, it } from 'vitest';
import { storedTrial } from '../testing/stored-trial.ts';
import { adoptionOf } from './adoption-of.ts';
import { analysedConfigurations } from './analysed-configurations.ts';
import { varianceEvidence } from './variance-evidence.ts';
import { rankTrials } from '@kinetune/search';

const space = { version: 1, hyperparameters: [], fixed: [] };

/** Trials of configuration `number`, one a value, all of one fold unless stated. */
const runs = (number: number, values: readonly number[], folds: readonly number[] = []) =>
  values.map((bestValue, replicate) => storedTrial({ number, replicate, bestValue, fold: folds[replicate] ?? 0 }));
const ranked = (...groups: ReturnType<typeof runs>[]) =>
  rankTrials(analysedConfigurations(groups.flat(), space), 'maximise');

describe('evidence of variance', () => {
  it('groups runs that differ in their seed alone, and keeps folds apart', () => {
    const evidence = varianceEvidence(
      ranked(runs(0, [0.7]), runs(1, [0.8, 0.81, 0.79]), runs(2, [0.6, 0.61, 0.7, 0.71], [0, 0, 1, 1])),
    );
    expect(evidence.replicateGroups?.map((group) => group.map(({ value }) => value))).toEqual([
      [0.8, 0.81, 0.79],
      [0.6, 0.61],
      [0.7, 0.71],
    ]);
    expect(evidence.folds?.map(({ trial, fold }) => [trial, fold])).toEqual([
      [2, 0],
      [2, 1],
    ]);
    expect(evidence.folds?.[1]?.value).toBeCloseTo(0.705, 12);
  });

  it('takes the folds of the best configuration of those with equally many', () => {
    const evidence = varianceEvidence(ranked(runs(0, [0.7, 0.6], [0, 1]), runs(1, [0.9, 0.8], [0, 1])));
    expect(evidence.folds?.map(({ trial }) => trial)).toEqual([1, 1]);
  });
});

describe('the adoption card of a study', () => {
  it('is missing where fewer than two configurations have replicates', () => {
    expect(adoptionOf(ranked(runs(0, [0.7]), runs(1, [0.8, 0.81])), { direction: 'maximise', space })).toBeNull();
  });

  it('compares the best replicated configuration with the stated baseline', () => {
    const all = ranked(runs(0, [0.7, 0.72, 0.71]), runs(1, [0.8, 0.81, 0.79]), runs(2, [0.75, 0.74, 0.76]));
    const card = adoptionOf(all, { direction: 'maximise', space, baseline: 2 });
    expect(card?.verdict).toBe('adopt');
    expect(card?.numbers.comparison.effect).toBeCloseTo(0.05, 9);
    const usual = adoptionOf(all, { direction: 'maximise', space });
    expect(usual?.numbers.comparison.effect).toBeCloseTo(0.09, 9);
  });

  it('refuses a baseline that the study does not have', () => {
    expect(() => adoptionOf(ranked(runs(0, [0.7])), { direction: 'maximise', space, baseline: 9 })).toThrow(
      'expected the number of a completed trial as baseline, got 9; completed: 0',
    );
  });
});
