import { describe, expect, it } from 'vitest';
import { trialOf } from '../testing/trial-of.ts';
import { infeasibleShare } from './infeasible-share.ts';
import { rankTrials, topCount } from './rank-trials.ts';

describe('ranking trials', () => {
  const trials = [
    trialOf(0, {}, 0.5),
    trialOf(1, {}, null),
    trialOf(2, {}, NaN, 'COMPLETED'),
    trialOf(3, {}, 0.9, 'PRUNED'),
    trialOf(4, {}, 0.9),
    trialOf(5, {}, 0.99, 'RUNNING'),
    trialOf(6, {}, 0.9),
    trialOf(7, {}, Infinity, 'COMPLETED'),
  ];

  it('puts completed trials with a finite value in order, ties by number, for either direction', () => {
    expect(rankTrials(trials, 'maximise').map(({ number }) => number)).toEqual([4, 6, 0]);
    expect(rankTrials(trials, 'minimise').map(({ number }) => number)).toEqual([0, 4, 6]);
  });

  it('calls a tenth the top, at least three, never more than there are', () => {
    expect([0, 2, 3, 20, 31, 100].map(topCount)).toEqual([0, 2, 3, 3, 4, 10]);
  });
});

describe('the infeasible share', () => {
  it('has the Wilson interval of the textbook', () => {
    const trials = Array.from({ length: 10 }, (_, number) => trialOf(number, {}, number < 2 ? null : 0.5));
    // 2 of 10: 5.67 % to 50.98 % (statsmodels proportion_confint, method wilson).
    const { share, interval, trials: behind } = infeasibleShare([...trials, trialOf(10, {}, null, 'FAILED')]);
    expect(share).toBeCloseTo(0.2, 12);
    expect(interval?.[0]).toBeCloseTo(0.05668, 4);
    expect(interval?.[1]).toBeCloseTo(0.50984, 4);
    expect(behind).toEqual([0, 1]);
  });

  it('is unknown before a trial has finished', () => {
    expect(infeasibleShare([trialOf(0, {}, null, 'RUNNING')])).toMatchObject({ share: null, interval: null });
  });
});
