import type { Values } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { haltonSampler } from '../halton/halton-sampler.ts';
import type { History, ObservedConfiguration, SuggestionRequest } from '../sampler.ts';
import { spaceOf } from '../testing/sample-spaces.ts';
import { createGpSampler } from './gp-sampler.ts';

const sampler = createGpSampler({ startup: haltonSampler, startupTrials: 8 });
const unit = { type: 'float', minimum: 0, maximum: 1, scale: 'linear' } as const;
const space = spaceOf({ x: unit, y: unit });
const loss = ({ x, y }: Values): number => ((x as number) - 0.3) ** 2 + ((y as number) - 0.8) ** 2;

const history = (more: Partial<History> = {}): History => ({
  observed: Array.from({ length: 12 }, (_, index) => {
    const { values } = haltonSampler(request(index, { observed: [], infeasible: [], pending: [] })) as {
      values: Values;
    };
    return { values, objective: loss(values), replicates: 1 };
  }),
  infeasible: [],
  pending: [],
  ...more,
});
const request = (index: number, known: History): SuggestionRequest => ({
  space,
  seed: 5,
  index,
  direction: 'minimise',
  history: known,
});
const suggest = (known: History, more: Partial<SuggestionRequest> = {}): Values =>
  (sampler({ ...request(12, known), ...more }) as { values: Values }).values;

describe('the Gaussian process', () => {
  it('is asked before all of start-up has ended, when half of it has', () => {
    const { observed } = history();
    const engineWith = (finished: number, pending: number): string | undefined =>
      sampler(
        request(12, {
          observed: observed.slice(0, finished),
          infeasible: [],
          pending: observed.slice(finished, finished + pending).map(({ values }) => values),
        }),
      )?.engine;
    expect([engineWith(3, 5), engineWith(4, 3), engineWith(4, 4), engineWith(8, 0)]).toEqual([
      'halton',
      'halton',
      'gp',
      'gp',
    ]);
  });

  it('leaves every twentieth suggestion to the quasi-random sequence', () => {
    const engines = Array.from({ length: 40 }, (_, i) => sampler(request(20 + i, history()))?.engine);
    expect(engines.flatMap((engine, i) => (engine === 'halton' ? [20 + i] : []))).toEqual([39, 59]);
  });

  it('goes for the optimum, and elsewhere while it is being tried', () => {
    const best = suggest(history());
    expect(loss(best)).toBeLessThan(0.01);
    const other = suggest(history({ pending: [best] }));
    expect(
      Math.hypot((other.x as number) - (best.x as number), (other.y as number) - (best.y as number)),
    ).toBeGreaterThan(1e-3);
  });

  it('finds what is best beside each given value, also beside one that is far from the best', () => {
    // The best y follows x.
    const excess = ({ x, y }: Values): number => ((y as number) - 0.2 - 0.6 * (x as number)) ** 2;
    const observed: ObservedConfiguration[] = [];
    for (let index = 0; index < 36; index++) {
      const given = { x: (index % 3) / 2 };
      const values = suggest({ observed, infeasible: [], pending: [] }, { index, given });
      observed.push({ values, objective: excess(values) + 3 * ((values['x'] as number) - 0.3) ** 2, replicates: 1 });
    }
    for (const x of [0, 0.5, 1]) {
      const beside = observed.filter(({ values }) => values['x'] === x).map(({ values }) => excess(values));
      expect(beside.length).toBe(12);
      expect(Math.min(...beside)).toBeLessThan(1e-5);
    }
  });

  it('does not mind what runs beside other given values', () => {
    const known = history({ pending: [{ x: 0.3, y: 0.81 }] });
    const scores = [12, 13, 15, 16, 17].map((index) => suggest(known, { index, given: { x: 0.9 } })['y']);
    const alone = [12, 13, 15, 16, 17].map((index) => suggest(history(), { index, given: { x: 0.9 } })['y']);
    scores.forEach((y, i) => expect(Math.abs((y as number) - (alone[i] as number))).toBeLessThan(0.02));
  });

  it('keeps away from where configurations were infeasible', () => {
    const infeasible = [0.25, 0.3, 0.35].flatMap((x) => [0.7, 0.8, 0.9].map((y) => ({ x, y })));
    const { x, y } = suggest(history({ infeasible }));
    expect(Math.hypot((x as number) - 0.3, (y as number) - 0.8)).toBeGreaterThan(0.1);
  });

  it('takes results that are no number for infeasible ones', () => {
    const infeasible = [0.25, 0.3, 0.35].map((x) => ({ x, y: 0.8 }));
    const { observed } = history();
    const diverged = infeasible.map((values) => ({ values, objective: NaN, replicates: 1 }));
    expect(suggest(history({ observed: [...observed, ...diverged] }))).toEqual(suggest(history({ infeasible })));
  });
});
