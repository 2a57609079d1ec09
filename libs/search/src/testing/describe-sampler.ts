/** What every sampler promises, tried on spaces of every shape. A new sampler joins by one line in `samplers.test.ts`. */
import { createRng, domainContains, isActive, parseName, type Space, type Values } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { countConfigurations } from '../halton/finite-space.ts';
import type { History, Sampler, Suggestion, SuggestionRequest } from '../sampler.ts';
import { conditionalSpace, mixedSpace, spaceOf } from './sample-spaces.ts';

const smallSpace = spaceOf({
  patchSize: { type: 'categorical', choices: [4, 8, 16] },
  blockCount: { type: 'int', minimum: 1, maximum: 4, scale: 'linear' },
});

/** A loss of any configuration, different for each. */
function lossOf(values: Values): number {
  return Object.entries(values).reduce(
    (sum, [name, value]) =>
      sum + (typeof value === 'number' ? Math.log1p(value) : createRng(name, String(value)).next()),
    0,
  );
}

function request(space: Space, index: number, history: Partial<History> = {}): SuggestionRequest {
  return {
    space,
    seed: 3,
    index,
    direction: 'minimise',
    history: { observed: [], infeasible: [], pending: [], ...history },
  };
}

/** Runs a study of `count` configurations, every fifth infeasible, and gives what was suggested. */
function runStudy(sampler: Sampler, space: Space, count: number): Values[] {
  const observed: { values: Values; objective: number; replicates: number }[] = [];
  const infeasible: Values[] = [];
  for (let index = 0; index < count; index++) {
    const { values } = suggestionOf(sampler, request(space, index, { observed, infeasible }));
    if (index % 5 === 4) infeasible.push(values);
    else observed.push({ values, objective: lossOf(values), replicates: 1 });
  }
  // In the order of suggestion: every fifth came from the other list.
  return Array.from({ length: count }, (_, i) =>
    i % 5 === 4
      ? (infeasible[(i - 4) / 5] as Values)
      : (observed[i - Math.floor((i + 1) / 5)] as { values: Values }).values,
  );
}

function suggestionOf(sampler: Sampler, asked: SuggestionRequest): Suggestion {
  const suggestion = sampler(asked);
  if (suggestion === null) throw new Error('expected a suggestion, got none');
  return suggestion;
}

export function describeSampler(name: string, sampler: Sampler): void {
  describe(`the sampler ${name}`, () => {
    it.each([
      ['mixed', mixedSpace],
      ['conditional', conditionalSpace],
    ] as const)('suggests values of a %s space, for its active hyperparameters alone', (_, space) => {
      for (const values of runStudy(sampler, space, 17)) {
        for (const { name: key, domain } of space.hyperparameters) {
          const value = values[key];
          expect(value !== undefined, `${key} in ${JSON.stringify(values)}`).toBe(isActive(key, values));
          if (value !== undefined) expect(domainContains(domain, value), `${key} = ${String(value)}`).toBe(true);
        }
        Object.keys(values).forEach((key) => expect(parseName(key).leaf).not.toBe(''));
      }
    });

    it('suggests the same from the same request', () => {
      const studies = [1, 2].map(() => runStudy(sampler, mixedSpace, 16));
      expect(studies[0]).toEqual(studies[1]);
    });

    it('suggests every configuration of a finite space once before any twice', () => {
      const suggested = runStudy(sampler, smallSpace, 12).map((values) =>
        JSON.stringify(Object.entries(values).sort()),
      );
      expect(countConfigurations(smallSpace)).toBe(12);
      expect(new Set(suggested).size).toBe(12);
    });

    it('goes on when every result is equal, and when all were infeasible', () => {
      const past = runStudy(sampler, mixedSpace, 12);
      const equal = past.map((values) => ({ values, objective: 1, replicates: 1 }));
      expect(Object.keys(suggestionOf(sampler, request(mixedSpace, 12, { observed: equal })).values)).toContain(
        'learningRate',
      );
      expect(Object.keys(suggestionOf(sampler, request(mixedSpace, 12, { infeasible: past })).values)).toContain(
        'learningRate',
      );
    });

    it('gives a reason', () => {
      const { engine, reason } = suggestionOf(sampler, request(mixedSpace, 0));
      expect(engine).not.toBe('');
      expect(reason.split(' ').length).toBeGreaterThan(3);
    });
  });
}
