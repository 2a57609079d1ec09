import { describe, expect, it } from 'vitest';
import { judgeBars } from './bars.ts';
import { reusable } from './earlier-results.ts';
import { collectEvidence, compare, SEQUENTIAL } from './evidence.ts';
import { NAMED_FUNCTIONS } from './functions.ts';
import type { Contender, Setting, StudyResult } from './study-spec.ts';

const functions = NAMED_FUNCTIONS.map(({ name }) => ({
  name,
  interquartileRange: 10,
  minimum: 0,
  fingerprint: `${name} 1`,
}));

/** Twenty seeds on each named function, whose regrets are `regret` and a little more. */
function studies(contender: Contender, regret: number, setting: Partial<Setting> = {}): StudyResult[] {
  return functions.flatMap(({ name }) =>
    Array.from({ length: 20 }, (_, i) => ({
      ...SEQUENTIAL,
      ...setting,
      contender,
      function: name,
      seed: i + 1,
      budget: contender === 'optuna-sobol' ? 200 : 100,
      curve: [[1, regret * (1 + i / 100)] as const],
      msPerSuggestion: 1,
      infeasibleTrials: 0,
    })),
  );
}

const verdicts = (all: readonly StudyResult[]): Record<string, string> =>
  Object.fromEntries(
    judgeBars(collectEvidence(all, functions), [], ['gp']).map(({ name, verdict }) => [name.split(':')[0], verdict]),
  );

describe('the bars', () => {
  it('are passed by a sampler that is better everywhere', () => {
    const settings = [{}, { atOnce: 8 }, { atOnce: 32 }, { noise: true }, { infeasible: true }];
    const all = settings.flatMap((setting) => [...studies('gp', 1, setting), ...studies('optuna-gp', 2, setting)]);
    expect(verdicts([...all, ...studies('optuna-sobol', 5)])).toEqual({
      'gp, sequential': 'pass',
      'gp, 8 at once': 'pass',
      'gp, 32 at once': 'pass',
      'gp, 30 % infeasible': 'pass',
      'gp, noise': 'pass',
      gp: 'not measured',
    });
  });

  it('are failed by one that is worse on one function, or better on none', () => {
    const gp = studies('gp', 1);
    expect(verdicts([...gp, ...studies('optuna-gp', 1)])['gp, sequential']).toBe('FAIL');
    const oneWorse = studies('gp', 1).map((study) =>
      study.function === 'branin' ? { ...study, curve: [[1, 9] as const] } : study,
    );
    expect(verdicts([...oneWorse, ...studies('optuna-gp', 2)])['gp, sequential']).toBe('FAIL');
    expect(verdicts([...gp, ...studies('gp', 1.6, { infeasible: true })])['gp, 30 % infeasible']).toBe('FAIL');
    const even = [...studies('gp', 5, { atOnce: 32 }), ...studies('optuna-sobol', 5)];
    expect(verdicts(even)['gp, 32 at once']).toBe('FAIL');
  });

  it('are not measured by too few seeds', () => {
    const few = [...studies('gp', 1), ...studies('optuna-gp', 2)].filter(({ seed }) => seed < 20);
    expect(verdicts(few)['gp, sequential']).toBe('not measured');
  });
});

it('regrets under a millionth of the interquartile range tie', () => {
  const evidence = collectEvidence([...studies('gp', 1e-9), ...studies('optuna-gp', 1e-7)], functions);
  const rivals = ['optuna-gp'] as const;
  const cells = compare(evidence, 'gp', { rivals, functions: ['branin'], setting: SEQUENTIAL, trials: [100] });
  expect(cells).toMatchObject([{ pWorse: 1, pBetter: 1, ourMedian: 1e-6 * 10, rivalMedian: 1e-6 * 10 }]);
});

describe('earlier results', () => {
  const raw = { functions, studies: [...studies('gp', 1), ...studies('optuna-gp', 1)] };
  const specs = raw.studies.map(({ contender, function: name, seed, atOnce, noise, infeasible, budget }) => {
    return { contender, function: name, seed, atOnce, noise, infeasible, budget };
  });

  it('give the studies of rivals, and ours only when asked to', () => {
    expect(reusable(raw, specs, { functions, ours: false })).toEqual(studies('optuna-gp', 1));
    expect(reusable(raw, specs, { functions, ours: true })).toHaveLength(160);
  });

  it('give nothing of a function that has changed, or of fewer trials', () => {
    const changed = functions.map((each) => (each.name === 'branin' ? { ...each, fingerprint: 'branin 2' } : each));
    expect(reusable(raw, specs, { functions: changed, ours: false })).toHaveLength(60);
    const longer = specs.map((spec) => ({ ...spec, budget: 200 }));
    expect(reusable(raw, longer, { functions, ours: false })).toEqual([]);
  });
});
