import { domainContains, isActive } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { conditionalSpace, mixedSpace, spaceOf } from '../testing/sample-spaces.ts';
import { configurationAt, countConfigurations } from './finite-space.ts';
import { haltonPoint } from './halton-sequence.ts';
import { suggest } from './suggest.ts';

describe('a quasi-random suggestion', () => {
  it('has a value of its domain for every active hyperparameter and none for the others', () => {
    for (const space of [mixedSpace, conditionalSpace]) {
      for (let index = 0; index < 60; index++) {
        const { values } = suggest({ space, seed: 3, index });
        for (const { name, domain } of space.hyperparameters) {
          expect(Object.hasOwn(values, name)).toBe(isActive(name, values));
          if (Object.hasOwn(values, name)) expect(domainContains(domain, values[name] as never)).toBe(true);
        }
      }
    }
  });

  it('is the same whoever asks, when and in whatever order', () => {
    for (const space of [mixedSpace, conditionalSpace]) {
      const inOrder = Array.from({ length: 30 }, (_, index) => suggest({ space, seed: 9, index }));
      for (let worker = 7; worker >= 0; worker--) {
        for (let index = worker; index < 30; index += 8) {
          expect(suggest({ space, seed: 9, index })).toEqual(inOrder[index]);
        }
      }
    }
  });

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
    expect(suggest({ space: mixedSpace, seed: 4, index: 17 }).note).toEqual({
      sampler: 'halton',
      engineVersion: 1,
      index: 17,
      reason: 'point 17 of the quasi-random sequence of seed 4: covers the space evenly',
    });
  });

  it('repeats no configuration of a finite space while one is left, then walks it again', () => {
    for (let seed = 0; seed < 20; seed++) {
      const keys = Array.from({ length: 34 }, (_, index) =>
        JSON.stringify(suggest({ space: conditionalSpace, seed, index }).values),
      );
      expect(new Set(keys.slice(0, 17)).size).toBe(17);
      expect(keys.slice(17)).toEqual(keys.slice(0, 17));
    }
    expect(suggest({ space: conditionalSpace, seed: 0, index: 17 }).note.reason).toContain(
      'all 17 configurations of the space have been suggested 1 time before',
    );
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

describe('a finite space', () => {
  it('is counted and numbered with its branches', () => {
    expect(countConfigurations(conditionalSpace)).toBe(17);
    const all = Array.from({ length: 17 }, (_, cell) => configurationAt(conditionalSpace, cell));
    expect(new Set(all.map((values) => JSON.stringify(values))).size).toBe(17);
    for (const values of all) {
      for (const { name, domain } of conditionalSpace.hyperparameters) {
        expect(Object.hasOwn(values, name)).toBe(isActive(name, values));
        if (Object.hasOwn(values, name)) expect(domainContains(domain, values[name] as never)).toBe(true);
      }
    }
  });

  it('is not finite with one continuous hyperparameter, even in a branch', () => {
    expect(countConfigurations(mixedSpace)).toBe(Infinity);
  });
});
