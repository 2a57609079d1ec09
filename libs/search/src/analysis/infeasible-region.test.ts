import { readFileSync } from 'node:fs';
import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { spaceOf } from '../testing/sample-spaces.ts';
import { trialOf } from '../testing/trial-of.ts';
import { infeasibleRegion } from './infeasible-region.ts';
import { infeasibleTree } from './infeasible-tree.ts';

interface Tree {
  readonly points: readonly (readonly [number, number, number])[];
  readonly bad: readonly boolean[];
  readonly root: { readonly feature: number; readonly threshold: number };
  readonly leaves: readonly (readonly [number, number])[];
}
const { tree } = JSON.parse(readFileSync(new URL('../../fixtures/analysis.json', import.meta.url), 'utf8')) as {
  tree: Tree;
};

const unit = { type: 'float', minimum: 0, maximum: 1, scale: 'linear' } as const;
const rate = { type: 'float', minimum: 1e-5, maximum: 1e-1, scale: 'log' } as const;

describe('the tree of infeasible trials', () => {
  const space = spaceOf({ x: rate, y: unit, z: unit });
  const trials = tree.points.map(([x, y, z], i) => trialOf(i, { x, y, z }, tree.bad[i] === true ? null : 0.5));

  it('splits where scikit-learn does, in the scale of each hyperparameter', () => {
    const leaves = infeasibleTree(space, trials, { depth: 2, smallestLeaf: 3, significance: Infinity });
    const root = leaves[0]?.rules[0];
    expect(root?.name).toBe(['x', 'y', 'z'][tree.root.feature]);
    expect(Math.log(root?.value as number)).toBeCloseTo(tree.root.threshold, 5);
    const counts = leaves.map(({ trials: all, infeasible }) => [all.length, infeasible.length] as const);
    expect(counts.sort((a, b) => a[0] - b[0])).toEqual(tree.leaves);
  });

  it('asks of a conditional hyperparameter without losing the trials that lack it', () => {
    const branches = spaceOf({
      optimizer: { type: 'categorical', choices: ['sgd', 'adam', 'rmsprop'] },
      'optimizer=sgd/learningRate': rate,
    });
    const mixed = Array.from({ length: 45 }, (_, number) => {
      const optimizer = ['sgd', 'adam', 'rmsprop'][number % 3] as string;
      const learningRate = 10 ** (-5 + (4 * number) / 45);
      const values = { optimizer, ...(optimizer === 'sgd' ? { 'optimizer=sgd/learningRate': learningRate } : {}) };
      return trialOf(number, values, optimizer === 'sgd' && learningRate > 1e-3 ? null : 0.5);
    });
    const { numbers, verdict, next, reason } = infeasibleRegion(branches, mixed);
    expect(verdict).toBe('region');
    expect(numbers.region).toMatchObject({ coverage: 1, share: 1 });
    expect(reason).toContain('100 % of them have optimizer=sgd/learningRate > 0.00');
    expect(next?.domains?.['optimizer=sgd/learningRate']).toMatchObject({ minimum: 1e-5, scale: 'log' });
    const { maximum } = next?.domains?.['optimizer=sgd/learningRate'] as { maximum: number };
    expect(maximum).toBeGreaterThan(8e-4);
    expect(maximum).toBeLessThan(1.4e-3);
  });
});

describe('the infeasible region', () => {
  it.each([
    ['above', (weights: number) => weights > 2 ** 32, { minimum: 0 }],
    ['below', (weights: number) => weights < 2 ** 32, { maximum: 2 ** 33 }],
  ] as const)('is cut off %s a threshold among billions of integers', (_, isBad, kept) => {
    const wide = spaceOf({ weights: { type: 'int', minimum: 0, maximum: 2 ** 33, scale: 'linear', step: 2 } });
    const trials = Array.from({ length: 50 }, (_, number) => {
      const weights = 2 * Math.round((2 ** 32 * number) / 49);
      return trialOf(number, { weights }, isBad(weights) ? null : 0.5);
    });
    const domain = infeasibleRegion(wide, trials).next?.domains?.['weights'] as { minimum: number; maximum: number };
    expect(domain).toMatchObject(kept);
    const end = 'minimum' in kept ? domain.maximum : domain.minimum;
    expect(end % 2).toBe(0);
    expect(Math.abs(end / 2 ** 32 - 1)).toBeLessThan(0.03);
  });

  const space = spaceOf({ learningRate: rate, warmupSteps: { type: 'int', minimum: 0, maximum: 9, scale: 'linear' } });

  /** 60 trials spread over the space; `isBad` by decades and warm-up. */
  function trialsWhere(isBad: (exponent: number, warmup: number, draw: number) => boolean, reasonCode?: string) {
    const rng = createRng('infeasible');
    return Array.from({ length: 60 }, (_, number) => {
      const exponent = -5 + 4 * ((number * 0.618034) % 1);
      const warmup = number % 10;
      const values = { learningRate: 10 ** exponent, warmupSteps: warmup };
      return {
        ...trialOf(number, values, isBad(exponent, warmup, rng.next()) ? null : 0.5),
        reasonCode: reasonCode ?? null,
      };
    });
  }

  it('is described by the rules that made it', () => {
    const check = infeasibleRegion(
      space,
      trialsWhere((exponent, warmup) => exponent > -2 && warmup < 6, 'diverged'),
    );
    expect(check).toMatchObject({ verdict: 'region', status: 'caution', numbers: { codes: { diverged: 10 } } });
    expect(check.numbers.region).toMatchObject({ coverage: 1, share: 1 });
    const names = check.numbers.region?.rules.map(({ name, is }) => `${name} ${is}`).sort();
    expect(names).toEqual(['learningRate above', 'warmupSteps at-most']);
    expect(check.reason).toMatch(/10 of 60 trials are infeasible \(17 %, 95 % interval 9 % to 28 %; diverged 10\)/);
    expect(check.next).toMatchObject({ action: 'narrow-space' });
    expect(check.next?.domains).toBeUndefined();
    expect(check.trials).toHaveLength(10);
  });

  it('proposes whole numbers and choices that stay legal', () => {
    const { next } = infeasibleRegion(
      space,
      trialsWhere((_, warmup) => warmup < 3),
    );
    expect(next?.domains).toEqual({ warmupSteps: { type: 'int', minimum: 3, maximum: 9, scale: 'linear' } });
    const choice = spaceOf({ optimizer: { type: 'categorical', choices: ['sgd', 'adam', 'rmsprop'] } });
    const names = ['sgd', 'adam', 'rmsprop'] as const;
    const trials = Array.from({ length: 30 }, (_, i) =>
      trialOf(i, { optimizer: names[i % 3] as string }, i % 3 === 0 ? null : 1),
    );
    expect(infeasibleRegion(choice, trials).next?.domains).toEqual({
      optimizer: { type: 'categorical', choices: ['adam', 'rmsprop'] },
    });
  });

  it('suspects a bug where every part of the space is infeasible', () => {
    const check = infeasibleRegion(
      space,
      trialsWhere((_, __, draw) => draw < 0.6),
    );
    expect(check).toMatchObject({ verdict: 'everywhere', status: 'fail', next: { action: 'look-for-bug' } });
    expect(check.reason).toContain('bug?');
    expect(
      infeasibleRegion(
        space,
        trialsWhere(() => true),
      ).verdict,
    ).toBe('everywhere');
  });

  it('suspects none where a small part is infeasible through and through, and the rest trains', () => {
    const trials = Array.from({ length: 8 }, (_, i) =>
      trialOf(i, { learningRate: 10 ** (-5 + i / 2), warmupSteps: 5 }, i >= 4 ? null : 1),
    );
    expect(infeasibleRegion(space, trials)).toMatchObject({ verdict: 'region', numbers: { share: 0.5 } });
  });

  it('finds no rule in noise: 200 studies of chance, each split held at 5 %', () => {
    let described = 0;
    for (let seed = 0; seed < 200; seed++) {
      const rng = createRng('noise', seed);
      const trials = Array.from({ length: 40 }, (_, number) =>
        trialOf(
          number,
          { learningRate: 10 ** (-5 + 4 * rng.next()), warmupSteps: rng.integer(10) },
          rng.next() < 0.2 ? null : 1,
        ),
      );
      if (infeasibleRegion(space, trials).numbers.region !== null) described += 1;
    }
    // At most 5 % by Bonferroni; four standard errors above that is 11 %.
    expect(described / 200).toBeLessThan(0.11);
  });

  it('passes few and none, with the interval, and judges nothing by few trials', () => {
    const one = infeasibleRegion(
      space,
      trialsWhere((exponent) => exponent > -1.1),
    );
    expect(one).toMatchObject({ verdict: 'few', status: 'pass', next: null });
    const none = infeasibleRegion(
      space,
      trialsWhere(() => false),
    );
    expect(none).toMatchObject({ verdict: 'none', trials: [], numbers: { region: null } });
    expect(none.reason).toContain('up to 6 % of the space');
    expect(infeasibleRegion(space, [])).toMatchObject({ verdict: 'too-few', status: 'not-known' });
  });
});
