import type { Values } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { configurationKey } from '../configuration-key.ts';
import { finiteSpace } from '../halton/finite-space.ts';
import { haltonSampler } from '../halton/halton-sampler.ts';
import type { History, ObservedConfiguration, Suggestion, SuggestionRequest } from '../sampler.ts';
import { requestOf } from '../testing/run-study.ts';
import { spaceOf } from '../testing/sample-spaces.ts';
import { createTpeSampler } from './tpe-sampler.ts';

const sampler = createTpeSampler({ startup: haltonSampler, startupTrials: 10 });

/** Runs a study; `given` may differ from index to index. */
function study(
  { space, seed = 1 }: { readonly space: SuggestionRequest['space']; readonly seed?: number },
  count: number,
  options: { readonly loss: (values: Values) => number; readonly given?: (index: number) => Values },
): ObservedConfiguration[] {
  const observed: ObservedConfiguration[] = [];
  for (let index = 0; index < count; index++) {
    const history: History = { observed, infeasible: [], pending: [] };
    const given = options.given?.(index);
    const suggestion = sampler(requestOf(space, { seed, index, history, ...(given === undefined ? {} : { given }) }));
    const values = suggestion?.values ?? {};
    observed.push({ values, objective: options.loss(values), replicates: 1 });
  }
  return observed;
}

const least = (observed: readonly ObservedConfiguration[]): number =>
  Math.min(...observed.map(({ objective }) => objective));

/** Two optimizers whose best learning rates lie four decades apart. */
const optimizers = spaceOf({
  optimizer: { type: 'categorical', choices: ['sgd', 'adam'] },
  'optimizer=sgd/learningRate': { type: 'float', minimum: 1e-6, maximum: 10, scale: 'log' },
  'optimizer=adam/learningRate': { type: 'float', minimum: 1e-6, maximum: 10, scale: 'log' },
});

function optimizerLoss(values: Values): number {
  const isAdam = values['optimizer'] === 'adam';
  const rate = Math.log10(Number(values[isAdam ? 'optimizer=adam/learningRate' : 'optimizer=sgd/learningRate']));
  return isAdam ? (rate + 4) ** 2 : 5 + rate ** 2;
}

/** 400 suggestions after 40 results on a bowl of five numbers around 0.4. */
function suggestOnBowl(): { names: readonly string[]; best: Values; suggested: readonly (Suggestion | null)[] } {
  const names = Array.from({ length: 5 }, (_, i) => `x${i}`);
  const space = spaceOf(
    Object.fromEntries(names.map((name) => [name, { type: 'float', minimum: 0, maximum: 1, scale: 'linear' }])),
  );
  const observed = Array.from({ length: 40 }, (_, index) => {
    const values = haltonSampler(requestOf(space, { seed: 1, index }))?.values ?? {};
    return { values, objective: bowl(values), replicates: 1 };
  });
  const best = observed.find(({ objective }) => objective === least(observed))?.values ?? {};
  const history = { observed, infeasible: [], pending: [] };
  const suggested = Array.from({ length: 400 }, (_, i) =>
    sampler(requestOf(space, { seed: 1, index: 40 + i, history })),
  );
  return { names, best, suggested };
}

const bowl = (values: Values): number =>
  Object.values(values).reduce<number>((sum, value) => sum + (Number(value) - 0.4) ** 2, 0);

describe('TPE', () => {
  it('keeps the learning rates of two optimizers apart', () => {
    const rates = study({ space: optimizers }, 60, { loss: optimizerLoss })
      .slice(30)
      .flatMap(({ values }) => values['optimizer=adam/learningRate'] ?? []);
    expect(rates.length).toBeGreaterThan(15);
    const near = rates.filter((rate) => Math.abs(Math.log10(Number(rate)) + 4) < 1.5);
    expect(near.length / rates.length).toBeGreaterThan(0.75);
  });

  it('searches the worse of two given branches as well as the better', () => {
    const given = (index: number): Values => ({ optimizer: index % 2 ? 'sgd' : 'adam' });
    const observed = study({ space: optimizers }, 60, { loss: optimizerLoss, given });
    const [adam, sgd] = ['adam', 'sgd'].map((name) => observed.filter(({ values }) => values['optimizer'] === name));
    expect([adam?.length, sgd?.length]).toEqual([30, 30]);
    expect(least(adam ?? [])).toBeLessThan(0.02);
    expect(least(sgd ?? []) - 5).toBeLessThan(0.02);
  });

  it('follows a given number: the rest is chosen for it', () => {
    const space = spaceOf({
      size: { type: 'float', minimum: 0, maximum: 1, scale: 'linear' },
      rate: { type: 'float', minimum: 0, maximum: 1, scale: 'linear' },
    });
    const given = (index: number): Values => ({ size: (index % 10) / 9 });
    const loss = ({ size, rate }: Values): number => (Number(rate) - 0.2 - 0.6 * Number(size)) ** 2;
    const last = study({ space }, 100, { loss, given }).slice(50);
    const errors = last.map(({ objective }) => Math.sqrt(objective)).sort((a, b) => a - b);
    // Without a look at the size the error would be that of a spread of 0.6: 0.15 in the median.
    expect(errors[25]).toBeLessThan(0.1);
  });

  it('now and then steps from the best result, closer than the kernels are wide', () => {
    const { names, best, suggested } = suggestOnBowl();
    const steps = suggested.filter((suggestion) => suggestion?.reason.includes('step'));
    const sizes = steps.map((step) => {
      const squares = names.map((name) => (Number(step?.values[name]) - Number(best[name])) ** 2);
      return Math.sqrt(squares.reduce((a, b) => a + b, 0) / 5);
    });
    // 60 expected, standard deviation 7.1; sizes are 10^-1 to 10^-2.5 times the root of a mean of 5 squared normals.
    expect(Math.abs(steps.length - 60)).toBeLessThan(28);
    expect(sizes.sort((a, b) => a - b)[Math.floor(sizes.length / 2)]).toBeLessThan(0.03);
  });

  it('finds better configurations by the results around them than by the density ratio alone', () => {
    const { suggested } = suggestOnBowl();
    const [slope, ratio] = [true, false].map((byResults) =>
      suggested
        .filter((one) => one !== null && !one.reason.includes('step'))
        .filter((one) => one?.reason.includes('by the results around it') === byResults)
        .map((one) => bowl(one?.values ?? {}))
        .sort((a, b) => a - b),
    ) as [number[], number[]];
    // Of 340 expected, two thirds go by the results: standard deviation 8.7.
    expect(Math.abs(slope.length - 227)).toBeLessThan(35);
    expect(slope[slope.length >> 1]).toBeLessThan(0.8 * (ratio[ratio.length >> 1] as number));
  });

  it('suggests from a branch with few results', () => {
    const observed: ObservedConfiguration[] = Array.from({ length: 20 }, (_, i) => {
      const values = { optimizer: 'adam', 'optimizer=adam/learningRate': 10 ** (-6 + 0.35 * i) };
      return { values, objective: optimizerLoss(values), replicates: 1 };
    });
    const history = { observed, infeasible: [], pending: [] };
    const request = requestOf(optimizers, { seed: 1, index: 20, history, given: { optimizer: 'sgd' } });
    expect(sampler(request)?.values).toEqual({ optimizer: 'sgd', 'optimizer=sgd/learningRate': expect.any(Number) });
  });

  it('takes the choice of many that is best', () => {
    const choices = Array.from({ length: 30 }, (_, i) => `model-${i}`);
    const space = spaceOf({
      model: { type: 'categorical', choices },
      x: { type: 'float', minimum: 0, maximum: 1, scale: 'linear' },
    });
    const loss = ({ model, x }: Values): number =>
      Math.abs(choices.indexOf(String(model)) - 17) / 10 + (Number(x) - 0.3) ** 2;
    const found = [1, 2, 3, 4, 5].map((seed) => least(study({ space, seed }, 80, { loss })));
    expect(found.sort((a, b) => a - b)[2]).toBeLessThan(0.1);
  });

  it('takes of the last few configurations that which looks best', () => {
    const space = spaceOf({
      x: { type: 'int', minimum: 0, maximum: 29, scale: 'linear' },
      y: { type: 'int', minimum: 0, maximum: 29, scale: 'linear' },
    });
    const { count, at } = finiteSpace(space);
    const all = Array.from({ length: count }, (_, cell) => at(cell));
    const left = [
      { x: 29, y: 29 },
      { x: 0, y: 1 },
      { x: 20, y: 29 },
    ];
    const keys = new Set(left.map(configurationKey));
    const observed = all
      .filter((values) => !keys.has(configurationKey(values)))
      .map((values) => ({ values, objective: Number(values['x']) + Number(values['y']), replicates: 1 }));
    const history = { observed, infeasible: [], pending: [] };
    expect(sampler(requestOf(space, { seed: 1, index: 897, history }))?.values).toEqual({ x: 0, y: 1 });
    const used = { ...history, pending: left };
    expect(sampler(requestOf(space, { seed: 1, index: 900, history: used }))).toBeNull();
  });

  it('goes on where every result but two diverged', () => {
    const space = spaceOf({ x: { type: 'float', minimum: 0, maximum: 1, scale: 'linear' } });
    const observed = Array.from({ length: 30 }, (_, i) => ({
      values: { x: i / 29 },
      objective: i < 2 ? i : i % 2 ? NaN : Infinity,
      replicates: 1,
    }));
    const history = { observed, infeasible: [], pending: [] };
    const x = sampler(requestOf(space, { seed: 1, index: 30, history }))?.values['x'];
    expect(x).toBeLessThan(0.5);
  });
});
