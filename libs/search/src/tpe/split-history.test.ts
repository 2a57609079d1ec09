import type { Values } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import type { History } from '../sampler.ts';
import { requestOf } from '../testing/run-study.ts';
import { spaceOf } from '../testing/sample-spaces.ts';
import { splitHistory, type SplitHistory } from './split-history.ts';

const space = spaceOf({
  x: { type: 'float', minimum: 0, maximum: 1, scale: 'linear' },
  model: { type: 'categorical', choices: ['cnn', 'vit'] },
});

const at = (x: number, model = 'cnn'): Values => ({ x, model });
const observe = (values: Values, objective: number): History['observed'][number] => ({
  values,
  objective,
  replicates: 1,
});

function split(history: Partial<History>, given?: Values): SplitHistory {
  const whole = { observed: [], infeasible: [], pending: [], ...history };
  const request = requestOf(space, { seed: 1, index: 0, history: whole });
  return splitHistory(given === undefined ? request : { ...request, given });
}

const xs = (entries: SplitHistory['good']): unknown[] => entries.map(({ values }) => values['x']);

describe('the split of a history', () => {
  it('takes the best 15 % as good, 25 at most, and the rest as bad', () => {
    const observed = Array.from({ length: 40 }, (_, i) => observe(at(i / 100), (i * 7) % 40));
    const { good, bad, ranked } = split({ observed });
    expect([good.length, bad.length, ranked.length]).toEqual([6, 34, 40]);
    expect(good.map(({ values }) => ((values['x'] as number) * 700) % 40).map(Math.round)).toEqual([0, 1, 2, 3, 4, 5]);
    const many = Array.from({ length: 400 }, (_, i) => observe(at(i / 1000), i));
    expect(split({ observed: many }).good).toHaveLength(25);
  });

  it('takes the highest as the best where the objective is maximised', () => {
    const observed = [1, 5, 3].map((objective) => observe(at(objective / 10), objective));
    const request = requestOf(space, { seed: 1, index: 0, history: { observed, infeasible: [], pending: [] } });
    expect(xs(splitHistory({ ...request, direction: 'maximise' }).good)).toEqual([0.5]);
  });

  it('orders pruned ones after the observed by how far they came, then infeasible and diverged ones; running ones are bad', () => {
    const { good, bad, ranked } = split({
      observed: [observe(at(0.1), 9), observe(at(0.2), 8), observe(at(0.3), NaN)],
      pruned: [
        { values: at(0.4), objective: 1, progress: 0.2 },
        { values: at(0.5), objective: 3, progress: 0.6 },
        { values: at(0.6), objective: 2, progress: 0.6 },
      ],
      infeasible: Array.from({ length: 14 }, () => at(0.9)),
      pending: [at(0.8)],
    });
    expect(ranked).toHaveLength(20);
    expect(xs(good)).toEqual([0.2, 0.1, 0.6]);
    expect(xs(bad)).toEqual([0.5, 0.4, 0.3, ...Array.from({ length: 14 }, () => 0.9), 0.8]);
    [...good, ...bad].forEach(({ weight }) => expect(weight).toBeGreaterThan(0));
  });

  it('never takes an infeasible one as good, and leaves one to be bad', () => {
    const { good } = split({
      observed: [observe(at(0.1), 1), observe(at(0.2), 2)],
      infeasible: Array(60).fill(at(0.9)),
    });
    expect(xs(good)).toEqual([0.1, 0.2]);
    expect(split({ observed: [observe(at(0.1), 1), observe(at(0.2), 2)] }).good).toHaveLength(1);
  });

  it('takes the best of what is like the given values, however bad that is', () => {
    const observed = Array.from({ length: 40 }, (_, i) =>
      observe(at(i / 40, i % 2 ? 'vit' : 'cnn'), i % 2 ? 100 + i : i),
    );
    const { good } = split({ observed }, { model: 'vit' });
    const own = good.filter(({ values }) => values['model'] === 'vit');
    expect(xs(own)).toEqual([1 / 40, 3 / 40, 5 / 40]);
    const weightOf = (entries: SplitHistory['good']): number => entries.reduce((sum, { weight }) => sum + weight, 0);
    expect(xs(split({ observed }, { model: 'cnn' }).good)).toEqual([0, 2 / 40, 4 / 40, 6 / 40]);
    expect(weightOf(own)).toBeGreaterThan(0);
  });
});
