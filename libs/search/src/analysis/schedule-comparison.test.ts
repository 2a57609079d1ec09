import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { compareSchedules, type SeededTrial } from './schedule-comparison.ts';

/** Pairs of one learning rate each; decay brings `effect`, on top of what seed and rate do. */
function group(count: number, effect: number, noise = 0.002): readonly SeededTrial[] {
  return Array.from({ length: count }, (_, i) => {
    const rng = createRng('pairs', i);
    const shared = 0.6 + 0.2 * rng.next();
    const values = { learningRate: 10 ** (-4 + i / count), schedule: 'constant', finalLearningRate: 0 };
    const plain = { values, seed: i % 2, state: 'COMPLETED' } as const;
    return [
      { ...plain, number: 2 * i, bestValue: shared + noise * rng.normal() },
      {
        ...plain,
        number: 2 * i + 1,
        values: { ...values, schedule: 'cosine', finalLearningRate: 1e-6 },
        bestValue: shared + effect + noise * rng.normal(),
      },
    ];
  }).flat();
}

describe('the comparison of schedules', () => {
  it('sees through configurations that differ far more than the schedule does', () => {
    const check = compareSchedules(group(12, 0.01), { direction: 'maximise' });
    expect(check).toMatchObject({ verdict: 'helps', status: 'pass', numbers: { schedules: ['cosine'], unpaired: [] } });
    expect(check.numbers.pairs).toHaveLength(12);
    expect(check.numbers.comparison?.method).toBe('paired');
    expect(check.numbers.comparison?.effect).toBeCloseTo(0.01, 2);
    expect(check.numbers.comparison?.interval?.[0]).toBeGreaterThan(0);
    expect(check.trials).toHaveLength(24);
    expect(compareSchedules(group(12, 0.01), { direction: 'minimise' }).verdict).toBe('hurts');
  });

  it('does not call noise an effect', () => {
    expect(compareSchedules(group(12, 0, 0.01), { direction: 'maximise' }).verdict).toBe('not-told-apart');
  });

  it('pairs the same seed, fold and values alone', () => {
    const trials = group(6, 0.05).map((trial) => (trial.number === 3 ? { ...trial, seed: 7 } : trial));
    const check = compareSchedules(trials, { direction: 'maximise' });
    expect(check.numbers.unpaired).toEqual([2, 3]);
    expect(check.numbers.pairs).toHaveLength(5);
    expect(check).toMatchObject({ verdict: 'helps', status: 'caution' });
    expect(check.reason).toContain('2 trials without a partner');
    const folds = group(6, 0.05).map((trial) => ({ ...trial, fold: trial.number % 2 }));
    expect(compareSchedules(folds, { direction: 'maximise' }).numbers.pairs).toEqual([]);
  });

  it('counts the configurations that only one side could train', () => {
    const trials = group(6, 0.05).map((trial): SeededTrial =>
      trial.number === 0 ? { ...trial, state: 'INFEASIBLE', bestValue: null } : trial,
    );
    const check = compareSchedules(trials, { direction: 'maximise' });
    expect(check.numbers).toMatchObject({ onlyWithDecay: 1, onlyWithoutDecay: 0 });
    expect(check.numbers.pairs[0]).toMatchObject({ withDecay: 1, withoutDecay: 0, difference: null });
    expect(check.reason).toContain('1 configuration trained with it alone');
  });

  it('asks for pairs where there are too few', () => {
    expect(compareSchedules(group(2, 0.05), { direction: 'maximise' })).toMatchObject({
      verdict: 'too-few',
      next: { action: 'replicate', trialCount: 2 },
    });
    expect(compareSchedules([], { direction: 'maximise' }).verdict).toBe('too-few');
  });
});
