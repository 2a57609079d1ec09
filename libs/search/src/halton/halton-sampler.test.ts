import type { Space } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import type { Suggestion } from '../sampler.ts';
import { conditionalSpace, mixedSpace, spaceOf } from '../testing/sample-spaces.ts';
import { countConfigurations } from './finite-space.ts';
import { haltonPoint } from './halton-sequence.ts';
import { haltonSampler } from './halton-sampler.ts';

interface Asked {
  readonly space: Space;
  readonly seed: number;
  readonly index: number;
}

function ask(asked: Asked): Suggestion | null {
  return haltonSampler({ ...asked, direction: 'minimise', history: { observed: [], infeasible: [], pending: [] } });
}

function suggest(asked: Asked): Suggestion {
  return ask(asked) as Suggestion;
}

describe('a quasi-random suggestion', () => {
  it('differs from seed to seed', () => {
    expect(suggest({ space: mixedSpace, seed: 1, index: 0 }).values).not.toEqual(
      suggest({ space: mixedSpace, seed: 2, index: 0 }).values,
    );
  });

  it('takes its coordinates by the position in the space, log-scaled ones in their logarithm', () => {
    const [unit] = haltonPoint({ engineVersion: 1, seed: 4, index: 17, dimensions: 5 }) as [number];
    const { values } = suggest({ space: mixedSpace, seed: 4, index: 17 });
    expect(Math.log10(values['learningRate'] as number)).toBeCloseTo(-5 + 4 * unit, 12);
  });

  it('spreads a branch as evenly as a space of its own: its points are a projection of the sequence', () => {
    const momenta = Array.from({ length: 400 }, (_, index) => suggest({ space: mixedSpace, seed: 6, index }).values)
      .filter(({ optimizer }) => optimizer === 'sgd')
      .map((values) => values['optimizer=sgd/momentum'] as number);
    expect(Math.abs(momenta.length - 200)).toBeLessThanOrEqual(2);
    const bins = new Array<number>(10).fill(0);
    for (const momentum of momenta) {
      const bin = Math.min(9, Math.floor(((momentum - 0.5) / 0.49) * 10));
      bins[bin] = (bins[bin] as number) + 1;
    }
    // 20 each; chance would vary by 4.2.
    expect(Math.max(...bins.map((count) => Math.abs(count - 20)))).toBeLessThanOrEqual(6);
  });

  it('names its engine, its index and why', () => {
    const { values, ...note } = suggest({ space: mixedSpace, seed: 4, index: 17 });
    expect(Object.keys(values)).toHaveLength(4 + Number(values['optimizer'] === 'sgd'));
    expect(note).toEqual({
      engine: 'halton',
      engineVersion: 1,
      reason: 'point 17 of the Halton sequence of seed 4, which covers the space evenly',
    });
  });

  it('repeats no configuration of a finite space, and is null when it has no more', () => {
    for (let seed = 0; seed < 20; seed++) {
      const keys = Array.from({ length: 17 }, (_, index) =>
        JSON.stringify(suggest({ space: conditionalSpace, seed, index }).values),
      );
      expect(new Set(keys).size).toBe(17);
      expect(ask({ space: conditionalSpace, seed, index: 17 })).toBeNull();
    }
  });

  it('reaches what the sequence hits late: a choice beside a branch of many', () => {
    const space = spaceOf({
      branch: { type: 'categorical', choices: ['a', 'b'] },
      'branch=b/x': { type: 'int', minimum: 1, maximum: 12, scale: 'linear' },
      'branch=b/y': { type: 'int', minimum: 1, maximum: 8, scale: 'log' },
    });
    expect(countConfigurations(space)).toBe(97);
    const keys = new Set<string>();
    for (let index = 0; index < 97; index++) keys.add(JSON.stringify(suggest({ space, seed: 1, index }).values));
    expect(keys.size).toBe(97);
  });
});
