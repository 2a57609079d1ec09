import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { spaceOf } from '../testing/sample-spaces.ts';
import { trialOf } from '../testing/trial-of.ts';
import { armOfStudy, armsOf, equalCountsP, fairness, type Arm } from './fairness.ts';

const { uniformity } = JSON.parse(readFileSync(new URL('../../fixtures/analysis.json', import.meta.url), 'utf8')) as {
  uniformity: readonly { readonly counts: readonly number[]; readonly p: number }[];
};

const space = spaceOf({
  optimizer: { type: 'categorical', choices: ['sgd', 'adam'] },
  'optimizer=sgd/learningRate': { type: 'float', minimum: 1e-3, maximum: 1, scale: 'log' },
  'optimizer=adam/learningRate': { type: 'float', minimum: 1e-5, maximum: 1e-1, scale: 'log' },
  'optimizer=sgd/momentum': { type: 'float', minimum: 0, maximum: 0.99, scale: 'linear' },
  dropout: { type: 'float', minimum: 0, maximum: 0.5, scale: 'linear' },
});
const scientific = {
  ...space,
  hyperparameters: space.hyperparameters.map((one) =>
    one.name === 'optimizer' ? { ...one, role: 'scientific' as const } : one,
  ),
};

function trialsWith(counts: readonly [number, number]) {
  return [...new Array<string>(counts[0]).fill('sgd'), ...new Array<string>(counts[1]).fill('adam')].map(
    (optimizer, number) => trialOf(number, { optimizer }, 0.5),
  );
}

function arm(label: string, trialCount: number, rest: Partial<Arm> = {}): Arm {
  return {
    label,
    nuisance: { learningRate: '0.001 to 0.1 (log)' },
    inapplicable: [],
    trials: Array.from({ length: trialCount }, (_, i) => i),
    steps: 1000,
    ...rest,
  };
}

describe('the fairness check', () => {
  it('tests equal counts as scipy does', () => {
    for (const { counts, p } of uniformity) expect(equalCountsP(counts)).toBeCloseTo(p, 12);
  });

  it('finds equal arms of one study fair: what one branch lacks is no unfairness, nor is a range of its own', () => {
    const arms = armsOf(scientific, trialsWith([20, 19]), 'optimizer');
    expect(arms.map(({ nuisance }) => Object.keys(nuisance))).toEqual([
      ['learningRate', 'momentum', 'dropout'],
      ['learningRate', 'dropout'],
    ]);
    const check = fairness(arms);
    expect(check).toMatchObject({ verdict: 'fair', status: 'pass' });
    expect(check.trials).toHaveLength(39);
  });

  it('finds an arm of fewer trials unfair and says how many it lacks', () => {
    expect(fairness(armsOf(scientific, trialsWith([40, 8]), 'optimizer'))).toMatchObject({
      verdict: 'unfair',
      status: 'fail',
      next: { action: 'equalise', trialCount: 32, text: 'run 32 more trials: 32 with optimizer = adam' },
    });
    // By chance: 12 of 18 in one of two arms has p = 0.16.
    expect(fairness(armsOf(scientific, trialsWith([12, 6]), 'optimizer')).verdict).toBe('skewed');
  });

  it('sees the value that was never tried, and the part of a range that was', () => {
    const depth = { type: 'int', minimum: 2, maximum: 4, scale: 'linear' } as const;
    const grid = spaceOf({ blockCount: depth });
    const trials = [2, 2, 4, 4, 4].map((blockCount, number) => trialOf(number, { blockCount }, 0.5));
    const arms = armsOf(grid, trials, 'blockCount');
    expect(arms.map((one) => [one.label, one.trials.length])).toEqual([
      ['blockCount = 2', 2],
      ['blockCount = 3', 0],
      ['blockCount = 4', 3],
    ]);
    expect(fairness(arms).next?.trialCount).toBe(4);
    const range = spaceOf({ decay: { type: 'float', minimum: 1e-5, maximum: 1, scale: 'log' } });
    const even = Array.from({ length: 50 }, (_, i) => trialOf(i, { decay: 10 ** (-4.95 + i / 10) }, 0.5));
    expect(armsOf(range, even, 'decay').map((one) => one.trials.length)).toEqual([10, 10, 10, 10, 10]);
    expect(armsOf(range, even, 'decay')[1]?.label).toBe('decay = 1e-4 to 0.001');
    expect(fairness(armsOf(range, even.slice(0, 20), 'decay'))).toMatchObject({ verdict: 'unfair' });
  });

  it('finds what was tuned in one arm alone, other lengths and other ranges', () => {
    const noDropout = fairness([
      arm('depth = 2', 20, { nuisance: { learningRate: 'a', dropout: 'b' } }),
      arm('depth = 4', 20, { nuisance: { learningRate: 'a' } }),
    ]);
    expect(noDropout).toMatchObject({ verdict: 'unfair' });
    expect(noDropout.reason).toContain('dropout was not tuned for depth = 4');
    expect(fairness([arm('a', 20), arm('b', 20, { steps: 2000 })]).reason).toContain('2000 steps for b');
    expect(fairness([arm('a', 20), arm('b', 20, { nuisance: { learningRate: 'other' } })])).toMatchObject({
      verdict: 'skewed',
      status: 'caution',
    });
  });

  it('takes the studies of a group as arms', () => {
    const { nuisance, trials } = armOfStudy(space, trialsWith([3, 0]), { label: 'a', inapplicable: [], steps: null });
    expect(nuisance['dropout']).toBe('0 to 0.5');
    expect(trials).toEqual([0, 1, 2]);
  });

  it('knows nothing of one arm or of none finished', () => {
    expect(fairness([arm('a', 3)]).verdict).toBe('not-known');
    expect(fairness([arm('a', 0), arm('b', 0)]).verdict).toBe('not-known');
  });
});
