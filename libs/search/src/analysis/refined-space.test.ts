import { domainContains, isActive, type Values } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { spaceOf } from '../testing/sample-spaces.ts';
import { quasiRandomValues } from '../testing/quasi-random-values.ts';
import { trialOf } from '../testing/trial-of.ts';
import { changedSpace } from './changed-space.ts';
import { refinedSpace } from './refined-space.ts';

const space = spaceOf({
  learningRate: { type: 'float', minimum: 1e-5, maximum: 1e-1, scale: 'log' },
  blockCount: { type: 'int', minimum: 1, maximum: 9, scale: 'linear' },
  optimizer: { type: 'categorical', choices: ['sgd', 'adam', 'rmsprop'] },
  'optimizer=sgd/momentum': { type: 'float', minimum: 0, maximum: 0.99, scale: 'linear' },
  dropout: { type: 'float', minimum: 0, maximum: 0.5, scale: 'linear' },
});

function study(count: number, valueOf: (values: Values, rate: number) => number | null) {
  return Array.from({ length: count }, (_, index) => {
    const values = quasiRandomValues(space, { seed: 2, index });
    return trialOf(index, values, valueOf(values, Math.log10(values['learningRate'] as number)));
  });
}

/** The best at a rate of 10^-3 with five blocks of anything but SGD. */
const peaked = study(200, (values, rate) => {
  const blocks = ((values['blockCount'] as number) - 5) / 8;
  const dropout = (values['dropout'] as number) - 0.25;
  return 1 - ((rate + 3) / 4) ** 2 - blocks ** 2 - dropout ** 2 - (values['optimizer'] === 'sgd' ? 0.5 : 0);
});

describe('the refined space', () => {
  const check = refinedSpace(space, peaked, { direction: 'maximise' });

  it('narrows a range of billions of integers without counting them out', () => {
    const wide = spaceOf({ weights: { type: 'int', minimum: 1, maximum: 2 ** 33, scale: 'log', step: 1 } });
    const trials = Array.from({ length: 80 }, (_, index) => {
      const values = quasiRandomValues(wide, { seed: 4, index });
      return trialOf(index, values, -Math.abs(Math.log2(values['weights'] as number) - 17));
    });
    const { numbers } = refinedSpace(wide, trials, { direction: 'maximise' });
    const { minimum, maximum } = numbers.space?.hyperparameters[0]?.domain as { minimum: number; maximum: number };
    for (const end of [minimum, maximum]) expect(Number.isInteger(end)).toBe(true);
    expect(minimum).toBeGreaterThan(2 ** 8);
    expect(minimum).toBeLessThan(2 ** 17);
    expect(maximum).toBeGreaterThan(2 ** 17);
    expect(maximum).toBeLessThan(2 ** 26);
  });

  it('holds the best region with a margin, within what was explored', () => {
    expect(check).toMatchObject({ verdict: 'ready', status: 'pass', next: { action: 'exploit' } });
    const refined = check.numbers.space;
    expect(refined?.version).toBe(2);
    const rate = refined?.hyperparameters.find(({ name }) => name === 'learningRate')?.domain as {
      minimum: number;
      maximum: number;
    };
    expect(rate.minimum).toBeGreaterThan(1e-5);
    expect(rate.minimum).toBeLessThan(1e-3);
    expect(rate.maximum).toBeGreaterThan(1e-3);
    expect(rate.maximum).toBeLessThan(1e-1);
    expect(check.numbers.keptShare).toBeLessThan(0.5);
    const best = peaked[check.trials[0] as number];
    for (const { name, domain } of refined?.hyperparameters ?? [])
      if (best !== undefined && isActive(name, best.values))
        expect(domainContains(domain, best.values[name] as number), name).toBe(true);
  });

  it('keeps the choices of good points and leaves out the branch of others', () => {
    const names = check.numbers.space?.hyperparameters.map(({ name }) => name);
    expect(names).toEqual(['learningRate', 'blockCount', 'optimizer', 'dropout']);
    expect(check.next?.domains?.['optimizer']).toEqual({ type: 'categorical', choices: ['adam', 'rmsprop'] });
  });

  it('can be sampled', () => {
    const refined = check.numbers.space as NonNullable<typeof check.numbers.space>;
    for (let index = 0; index < 20; index++) {
      const values = quasiRandomValues(refined, { seed: 1, index });
      for (const { name, domain } of refined.hyperparameters)
        expect(domainContains(domain, values[name] as never)).toBe(true);
    }
  });

  it('holds what does not matter at the value of the best, with a reason', () => {
    const { numbers, trials } = refinedSpace(space, peaked, { direction: 'maximise', fix: ['dropout'] });
    expect(numbers.space?.fixed).toEqual([
      {
        name: 'dropout',
        kind: 'optimizer',
        value: peaked[trials[0] as number]?.values['dropout'],
        reason: `not shown to matter; as in the best trial, ${trials[0] as number}`,
      },
    ]);
    expect(numbers.space?.hyperparameters.some(({ name }) => name === 'dropout')).toBe(false);
  });

  it('is refused while the best crowd an edge, and proposes the wider study', () => {
    const rising = study(100, (_, rate) => rate);
    expect(refinedSpace(space, rising, { direction: 'maximise' })).toMatchObject({
      verdict: 'boundary-open',
      status: 'fail',
      numbers: { space: null, openBoundaries: ['learningRate'] },
      next: { action: 'widen-space' },
    });
    const unstable = study(100, (_, rate) => (rate > -2 ? null : rate));
    expect(refinedSpace(space, unstable, { direction: 'maximise' }).next?.action).toBe('stabilise');
  });

  it('is refused while the good region is thin or nothing is known', () => {
    expect(refinedSpace(space, peaked, { direction: 'maximise', retrainSd: 1e-6 })).toMatchObject({
      verdict: 'too-thin',
      numbers: { space: null },
      next: { action: 'add-trials' },
    });
    expect(refinedSpace(space, [], { direction: 'maximise' }).verdict).toBe('too-few');
  });
});

describe('a changed space', () => {
  it('counts its version up and refuses names that it does not have', () => {
    const dropout = { type: 'float', minimum: 0, maximum: 0.9, scale: 'linear' } as const;
    const changed = changedSpace(space, { dropout });
    expect(changed.version).toBe(2);
    expect(changed.hyperparameters.at(-1)?.domain).toEqual(dropout);
    expect(() => changedSpace(space, { dropuot: dropout })).toThrow('got dropuot');
  });
});
