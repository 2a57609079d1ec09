import { readFileSync } from 'node:fs';
import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { spaceOf } from '../testing/sample-spaces.ts';
import { trialOf } from '../testing/trial-of.ts';
import { interactions } from './interactions.ts';

interface Known {
  readonly points: readonly (readonly [number, number, number])[];
  readonly choice: readonly number[];
  readonly value: readonly number[];
  readonly pairs: Readonly<Record<string, { readonly p: number; readonly share: number }>>;
}
const { interactions: known } = JSON.parse(
  readFileSync(new URL('../../fixtures/analysis.json', import.meta.url), 'utf8'),
) as { interactions: Known };

const unit = { type: 'float', minimum: 0, maximum: 1, scale: 'linear' } as const;
const space = spaceOf({ u: unit, v: unit, w: unit, choice: { type: 'categorical', choices: [0, 1, 2] } });
const trials = known.points.map(([u, v, w], i) =>
  trialOf(i, { u, v, w, choice: known.choice[i] as number }, known.value[i] as number),
);

describe('hints at interactions', () => {
  it('test each pair as least squares of numpy and the F test of scipy do', () => {
    const { firstRound } = interactions(space, trials).numbers;
    expect(firstRound).toHaveLength(6);
    for (const { pair, p, share } of firstRound) {
      const expected = known.pairs[pair.join('*')] as { p: number; share: number };
      expect(Math.log(p)).toBeCloseTo(Math.log(expected.p), 5);
      expect(share).toBeCloseTo(expected.share, 8);
    }
  });

  it('find the pair that was planted, and not its shadow on a pair that shares a hyperparameter with it', () => {
    const check = interactions(space, trials);
    expect(known.pairs['u*choice']?.p).toBeLessThan(0.001);
    expect(check).toMatchObject({ verdict: 'some', status: 'caution', next: { action: 'change-space' } });
    expect(check.numbers.interactions.map(({ pair }) => pair)).toEqual([['u', 'v']]);
    expect(check.numbers.method).toContain('not ridges that bend');
  });

  it('see a pair where nothing interacts in at most a twentieth of the studies', () => {
    let alarms = 0;
    for (let seed = 0; seed < 200; seed++) {
      const rng = createRng('additive', seed);
      const additive = Array.from({ length: 60 }, (_, number) => {
        const values = { u: rng.next(), v: rng.next(), w: rng.next(), choice: rng.integer(3) };
        return trialOf(number, values, values.u + 0.5 * values.v ** 2 + 0.3 * rng.normal());
      });
      if (interactions(space, additive).verdict === 'some') alarms += 1;
    }
    // 5 % by Holm; four standard errors above that is 11 %.
    expect(alarms / 200).toBeLessThan(0.11);
  });

  it('do not stumble over a choice never tried, equal values or few trials', () => {
    const one = trials.map((trial) => ({ ...trial, values: { ...trial.values, choice: 0 } }));
    expect(interactions(space, one).numbers.interactions[0]?.pair).toEqual(['u', 'v']);
    expect(
      interactions(
        space,
        trials.map((trial) => ({ ...trial, bestValue: 1 })),
      ).verdict,
    ).toBe('none-seen');
    expect(interactions(space, trials.slice(0, 20))).toMatchObject({ verdict: 'too-few', next: { trialCount: 1 } });
    const older = trials.map((trial, i) => (i > 1 ? trial : { ...trial, values: { u: 0.5 } }));
    expect(interactions(space, older)).toMatchObject({ verdict: 'some', numbers: { trialCount: 48 } });
    expect(interactions(spaceOf({ u: unit }), trials).verdict).toBe('too-few');
  });
});
