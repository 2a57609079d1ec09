import type { Values } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import type { AskTell, Told } from './ask-tell.ts';
import type { BenchmarkFunction } from './benchmark-function.ts';
import { runStudy } from './run-study.ts';
import { regretAt, type StudySpec } from './study-spec.ts';

const line: BenchmarkFunction = {
  name: 'line',
  minimum: 1,
  space: {
    version: 1,
    fixed: [],
    hyperparameters: [
      {
        name: 'x',
        kind: 'optimizer',
        role: 'nuisance',
        domain: { type: 'float', minimum: 0, maximum: 10, scale: 'linear' },
      },
    ],
  },
  evaluate: ({ x }) => 1 + (x as number),
};
const landscape = { interquartileRange: 5, isSpared: ({ x }: Values) => (x as number) > 2, fingerprint: '' };
const sequential: StudySpec = {
  contender: 'random',
  function: 'line',
  seed: 1,
  budget: 6,
  atOnce: 1,
  noise: false,
  infeasible: false,
};

/** Asks for these configurations in turn; `told` keeps what it was told. */
function scripted(script: readonly number[], recommended?: number): AskTell & { readonly told: Told[][] } {
  const told: Told[][] = [];
  let next = 0;
  return {
    told,
    ask: async (count) => {
      const asked = script.slice(next, next + count).map((x, i) => ({ number: next + i, values: { x } }));
      next += asked.length;
      return { asked, ms: asked.map(() => 1) };
    },
    tell: async (results) => {
      told.push([...results]);
    },
    ...(recommended === undefined ? {} : { recommend: async () => ({ x: recommended }) }),
  };
}

const run = (spec: Partial<StudySpec>, study: AskTell) =>
  runStudy({ ...sequential, ...spec }, study, { function: line, landscape, checkpoints: [3, 6] });

describe('a study of the sampler benchmark', () => {
  it('records the best regret after each trial at which it changed', async () => {
    const { curve } = await run({}, scripted([5, 6, 3, 3, 2, 4]));
    expect(curve).toEqual([
      [1, 5],
      [3, 3],
      [5, 2],
    ]);
    expect([1, 2, 4, 6].map((trials) => regretAt(curve, trials))).toEqual([5, 5, 3, 2]);
  });

  it('asks for several before it tells any', async () => {
    const study = scripted([1, 2, 3, 4, 5, 6]);
    await run({ atOnce: 4 }, study);
    expect(study.told.map((batch) => batch.map(({ number }) => number))).toEqual([
      [0, 1, 2, 3],
      [4, 5],
    ]);
  });

  it('tells NaN for infeasible configurations, which have no regret', async () => {
    const study = scripted([1, 2, 6, 1, 5, 4]);
    const { curve, infeasibleTrials } = await run({ infeasible: true }, study);
    expect(study.told.flat().map(({ value }) => value)).toEqual([NaN, NaN, 7, NaN, 6, 5]);
    expect(infeasibleTrials).toBe(3);
    expect(regretAt(curve, 2)).toBe(Infinity);
    expect(regretAt(curve, 6)).toBe(4);
  });

  it('judges the configuration that was seen best by its value without noise', async () => {
    const script = [5, 5.2, 4.8, 5.1, 4.9, 5];
    const study = scripted(script);
    const { curve } = await run({ noise: true }, study);
    const seen = study.told.flat().map(({ value }) => value);
    expect(seen).not.toEqual(script.map((x) => x + 1));
    expect(regretAt(curve, 6)).toBeCloseTo(script[seen.indexOf(Math.min(...seen))] as number, 10);
  });

  it('asks a sampler that recommends by its model before a checkpoint is passed and at the end', async () => {
    const { curve } = await run({ noise: true, atOnce: 2 }, scripted([1, 2, 3, 4, 5, 6], 7));
    expect(curve).toEqual([[2, 7]]);
  });

  it('ends when a finite space is used up', async () => {
    expect((await run({}, scripted([3, 2]))).curve.at(-1)).toEqual([2, 2]);
  });
});
