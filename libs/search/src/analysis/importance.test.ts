import { readFileSync } from 'node:fs';
import { createRng, type Values } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { spaceOf } from '../testing/sample-spaces.ts';
import { quasiRandomValues } from '../testing/quasi-random-values.ts';
import { trialOf } from '../testing/trial-of.ts';
import { importance } from './importance.ts';

interface Case {
  readonly direction: 'minimize' | 'maximize';
  readonly topShare: number;
  readonly trials: readonly { readonly values: Values; readonly value: number }[];
  readonly importances: Readonly<Record<string, number>>;
}
const { cases } = JSON.parse(
  readFileSync(new URL('../../fixtures/analysis-importance.json', import.meta.url), 'utf8'),
) as { cases: readonly Case[] };

const space = spaceOf({
  learningRate: { type: 'float', minimum: 1e-5, maximum: 1e-1, scale: 'log' },
  dropout: { type: 'float', minimum: 0, maximum: 0.5, scale: 'linear' },
  overlap: { type: 'float', minimum: 0, maximum: 0.8, scale: 'linear', step: 0.2 },
  embeddingSize: { type: 'int', minimum: 16, maximum: 512, scale: 'log' },
  patchSize: { type: 'int', minimum: 2, maximum: 10, scale: 'linear', step: 2 },
  optimizer: { type: 'categorical', choices: ['sgd', 'adam', 'rmsprop'] },
  'optimizer=sgd/momentum': { type: 'float', minimum: 0.5, maximum: 0.99, scale: 'linear' },
});

/** Trials of the quasi-random sequence; infeasible where the value is null. */
function study(count: number, seed: number, valueOf: (values: Values) => number | null) {
  return Array.from({ length: count }, (_, index) => {
    const values = quasiRandomValues(space, { seed, index });
    return trialOf(index, values, valueOf(values));
  });
}

describe('importance', () => {
  it.each(cases.map((one) => [`${one.trials.length} trials, ${one.direction}`, one] as const))(
    'is that of Optuna: %s, ties, grids and a branch included',
    (_, { direction, topShare, trials, importances }) => {
      const { numbers } = importance(
        space,
        trials.map(({ values, value }, number) => trialOf(number, values, value)),
        { direction: direction === 'maximize' ? 'maximise' : 'minimise', thresholds: { topShare, permutations: 0 } },
      );
      expect(numbers.importances).toHaveLength(7);
      for (const { name, divergence } of numbers.importances) {
        const known = importances[name] as number;
        expect(Math.abs(divergence / known - 1), `${name}: ${divergence} and ${known}`).toBeLessThan(1e-9);
      }
    },
  );

  it('does not call none, or one, equal', () => {
    for (const count of [0, 1]) {
      const check = importance(
        space,
        study(count, 1, () => 1),
        { direction: 'maximise' },
      );
      expect(check.reason).toMatch(new RegExp(`^${count} trials? with a value`));
      expect(check.next).toMatchObject({ action: 'add-trials' });
    }
  });

  it('takes the last value of a grid for its end, where its steps do not end at the maximum', () => {
    const divergenceIn = (maximum: number): number => {
      const grid = spaceOf({ width: { type: 'int', minimum: 0, maximum, scale: 'linear', step: 70 } });
      const trials = Array.from({ length: 80 }, (_, number) => {
        const width = 70 * ((number * 5) % 8);
        return trialOf(number, { width }, Math.sin(width));
      });
      return importance(grid, trials, { direction: 'maximise' }).numbers.importances[0]!.divergence;
    };
    expect(divergenceIn(559)).toBeCloseTo(divergenceIn(490), 12);
  });

  it('names what matters, proposes to fix the rest, and says what it assumes', () => {
    const trials = study(120, 1, ({ learningRate }) => -((Math.log10(learningRate as number) + 3) ** 2));
    const check = importance(space, trials, { direction: 'maximise' });
    expect(check).toMatchObject({ verdict: 'some-matter', status: 'pass' });
    expect(check.numbers.importances[0]).toMatchObject({ name: 'learningRate', activeTrials: 120 });
    expect(check.numbers.importances[0]?.share).toBeGreaterThan(0.6);
    expect(check.numbers.importances[0]?.chance).toBeLessThan(0.01);
    expect(check.next?.text).toContain('dropout');
    expect(check.next?.text).not.toContain('learningRate');
    expect(check.trials).toHaveLength(12);
    expect(check.numbers.assumptions.join(' ')).toContain('cover the space evenly');
  });

  it('cries wolf at the rate it states where nothing matters', () => {
    let alarms = 0;
    let looked = 0;
    for (let seed = 0; seed < 60; seed++) {
      const rng = createRng('nothing matters', seed);
      const { numbers } = importance(
        space,
        study(60, seed, () => rng.next()),
        { direction: 'maximise', thresholds: { permutations: 99 } },
      );
      looked += numbers.importances.length;
      alarms += numbers.importances.filter(({ chance }) => chance <= 0.05).length;
    }
    // 5 % of 420 looks; four standard errors above that is 9.3 %.
    expect(alarms / looked).toBeLessThan(0.093);
  });

  it('is the same whenever it is asked, and marks adaptive studies weak', () => {
    const trials = study(60, 1, ({ dropout }) => dropout as number);
    const once = importance(space, trials, { direction: 'maximise', isAdaptive: true });
    expect(importance(space, trials, { direction: 'maximise', isAdaptive: true })).toEqual(once);
    expect(once).toMatchObject({ status: 'caution' });
    expect(once.reason).toContain('weak evidence');
  });

  it('decides nothing by a top of fewer than five, by equal values or by none', () => {
    const few = importance(
      space,
      study(30, 1, ({ dropout }) => dropout as number),
      { direction: 'maximise' },
    );
    expect(few).toMatchObject({ verdict: 'too-few', next: { action: 'add-trials', trialCount: 11 } });
    expect(
      importance(
        space,
        study(60, 1, () => 1),
        { direction: 'maximise' },
      ).reason,
    ).toContain('equal values');
    expect(importance(space, [], { direction: 'maximise' }).verdict).toBe('too-few');
  });
});
