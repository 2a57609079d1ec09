import { describe, expect, it } from 'vitest';
import { createSampler, type SamplerContext } from './create-sampler.ts';
import type { History, Suggestion } from './sampler.ts';
import { requestOf, runStudy } from './testing/run-study.ts';
import { conditionalSpace, mixedSpace, spaceOf } from './testing/sample-spaces.ts';

const numericSpace = spaceOf({
  learningRate: { type: 'float', minimum: 1e-5, maximum: 1e-1, scale: 'log' },
  dropout: { type: 'float', minimum: 0, maximum: 0.5, scale: 'linear' },
  blockCount: { type: 'int', minimum: 1, maximum: 8, scale: 'linear' },
});
const exploit: SamplerContext = { phase: 'exploit', trialCount: 60, parallelism: 4 };

/** Thirty results, which is more than any start-up. */
function known(space = numericSpace): History {
  return runStudy(createSampler({ kind: 'halton' }, exploit), space, { count: 30 }).history;
}

function suggest(context: SamplerContext, space = numericSpace, history = known(space)): Suggestion {
  const suggestion = createSampler({ kind: 'auto' }, context)(requestOf(space, { seed: 3, index: 30, history }));
  return suggestion as Suggestion;
}

describe('the automatic sampler', () => {
  it('explores by Halton, whatever is known', () => {
    const { engine, reason } = suggest({ ...exploit, phase: 'explore' });
    expect(engine).toBe('halton');
    expect(reason).toMatch(/^exploring asks for an even cover .*; point 30 of the Halton sequence of seed 3/);
  });

  it('exploits by Halton when fewer than three rounds follow each other', () => {
    const { engine, reason } = suggest({ ...exploit, parallelism: 21 });
    expect(engine).toBe('halton');
    expect(reason).toMatch(
      /^60 trials, 21 at once: too few follow each other for a model of the results to pay; point/,
    );
    expect(suggest({ ...exploit, parallelism: 20 }).engine).toBe('gp');
  });

  it('exploits a numeric space by a Gaussian process, up to 500 results', () => {
    const { engine, reason } = suggest(exploit);
    expect(engine).toBe('gp');
    expect(reason).toMatch(
      /^a model of the results pays off here: 60 trials, 4 at once; 3 of 3 hyperparameters are numeric and in no branch: a Gaussian process suits; /,
    );
    expect(suggest({ ...exploit, trialCount: 501 }).engine).toBe('tpe');
    const warm = suggest({ ...exploit, trialCount: 300, knownCount: 201 });
    expect(warm.engine).toBe('tpe');
    expect(warm.reason).toContain('501 results are more than a Gaussian process is fitted to');
  });

  it('exploits a space of choices and branches by TPE', () => {
    const space = spaceOf({
      ...Object.fromEntries(mixedSpace.hyperparameters.map(({ name, domain }) => [name, domain])),
      'optimizer=adam/beta': { type: 'float', minimum: 0.8, maximum: 0.99, scale: 'linear' },
    });
    const { engine, reason } = suggest(exploit, space);
    expect(engine).toBe('tpe');
    expect(reason).toContain(
      '3 of 6 hyperparameters are numeric and in no branch: TPE models choices and branches apart; ',
    );
  });

  it('exploits few trials by a model when enough is known from before', () => {
    const short = { ...exploit, trialCount: 12 };
    expect(suggest(short).engine).toBe('halton');
    expect(suggest({ ...short, knownCount: 30 }).engine).toBe('gp');
  });
});

describe('an adaptive sampler', () => {
  it.each(['gp', 'tpe'] as const)('starts up quasi-randomly in either phase, and says so: %s', (kind) => {
    for (const phase of ['explore', 'exploit'] as const) {
      const sampler = createSampler({ kind, startupTrials: 12 }, { ...exploit, phase });
      const start = sampler(requestOf(numericSpace, { seed: 3, index: 0 }));
      expect(start?.engine).toBe('halton');
      expect(start?.reason).toMatch(/^0 of the 12 results that the model starts from are there; point 0 /);
      expect(sampler(requestOf(numericSpace, { seed: 3, index: 30, history: known() }))?.engine).toBe(kind);
    }
  });

  it.each(['gp', 'tpe'] as const)(
    'starts from the results that lie within a refined space, and no others: %s',
    (kind) => {
      const refined = {
        ...numericSpace,
        version: 2,
        hyperparameters: numericSpace.hyperparameters.map((one) =>
          one.name === 'dropout'
            ? { ...one, domain: { type: 'float', minimum: 0, maximum: 0.25, scale: 'linear' } as const }
            : one,
        ),
      };
      const within = known().observed.filter(({ values }) => Number(values['dropout']) <= 0.25).length;
      expect(within).toBeGreaterThan(4);
      const asked = requestOf(refined, { seed: 3, index: 30, history: known() });
      expect(createSampler({ kind, startupTrials: 4 }, exploit)(asked)?.engine).toBe(kind);
      expect(createSampler({ kind, startupTrials: 29 }, exploit)(asked)?.engine).toBe('halton');
      const values = createSampler({ kind, startupTrials: 4 }, exploit)(asked)?.values;
      expect(Number(values?.['dropout'])).toBeLessThanOrEqual(0.25);
    },
  );

  it('needs a start-up that fits the budget unless one is stated', () => {
    const startOf = (trialCount: number, space = numericSpace): string | undefined =>
      createSampler({ kind: 'tpe' }, { ...exploit, trialCount })(requestOf(space, { seed: 1, index: 0 }))?.reason;
    expect(startOf(100)).toContain('0 of the 10 results');
    expect(startOf(24)).toContain('0 of the 6 results');
    expect(startOf(8)).toContain('0 of the 4 results');
    expect(startOf(100, conditionalSpace)).toContain('0 of the 10 results');
  });
});
