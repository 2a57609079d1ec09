/** What every sampler promises, tried on spaces of every shape. A new sampler joins by one line in `samplers.test.ts`. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  domainContains,
  isActive,
  unitFromValue,
  type SamplerSettings,
  type Space,
  type Values,
} from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { changedSpace } from '../analysis/changed-space.ts';
import { configurationKey } from '../configuration-key.ts';
import { createSampler } from '../create-sampler.ts';
import { countConfigurations, finiteSpace } from '../halton/finite-space.ts';
import { randomSpace } from './random-space.ts';
import { requestOf, runStudy } from './run-study.ts';
import { conditionalSpace, mixedSpace, scientificSpace, spaceOf, withScientific } from './sample-spaces.ts';

const smallSpace = spaceOf({
  patchSize: { type: 'categorical', choices: [4, 8, 16] },
  blockCount: { type: 'int', minimum: 1, maximum: 4, scale: 'linear' },
});

interface Traits {
  /** Its suggestions depend on the seed and the index alone. */
  readonly isIndexPure: boolean;
  /** Random spaces tried; fewer of a slow one. */
  readonly randomSpaces: number;
}

export function describeSampler(settings: SamplerSettings, { isIndexPure, randomSpaces }: Traits): void {
  const sampler = createSampler(settings, { phase: 'exploit', trialCount: 40, parallelism: 1 });

  describe(`the sampler ${settings.kind}`, () => {
    it.each([
      ['mixed', mixedSpace],
      ['conditional', conditionalSpace],
    ] as const)('suggests values of a %s space, for its active hyperparameters alone', (_, space) => {
      runStudy(sampler, space, { count: 17 }).suggested.forEach((values) => expectWithin(space, values));
    });

    it('suggests the same from the same request, in another process too', () => {
      const script = fileURLToPath(new URL('./print-suggestions.ts', import.meta.url));
      const printed = execFileSync(process.execPath, [script, JSON.stringify(settings)], { encoding: 'utf8' });
      const here = runStudy(sampler, mixedSpace, { count: 10 }).suggested;
      expect(here).toHaveLength(10);
      expect(JSON.parse(printed)).toEqual(here);
    });

    it('suggests every configuration of a finite space once, whatever became of it, then none', () => {
      for (const atOnce of [1, 4]) {
        const { suggested, isUsedUp } = runStudy(sampler, conditionalSpace, { count: 30, atOnce });
        expect(new Set(suggested.map(configurationKey)).size).toBe(17);
        expect([suggested.length, isUsedUp]).toEqual([17, true]);
      }
    });

    it.each([
      ['mixed', mixedSpace, (values: Values) => Number(values['dropout']) < 0.2 || values['optimizer'] === 'adam'],
      ['conditional', conditionalSpace, (values: Values) => values['optimizer=adam/schedule'] !== 'constant'],
    ] as const)('satisfies constraints in a %s space', (_, space, accepts) => {
      for (const values of runStudy(sampler, space, { count: 14, accepts }).suggested) {
        expectWithin(space, values);
        expect(accepts(values), JSON.stringify(values)).toBe(true);
      }
    });

    it('suggests every configuration of a finite space that satisfies the constraints, then none', () => {
      const accepts = (values: Values): boolean => Number(values['patchSize']) * Number(values['blockCount']) <= 16;
      const { suggested, isUsedUp } = runStudy(sampler, smallSpace, { count: 20, accepts });
      expect(suggested.every(accepts)).toBe(true);
      expect(new Set(suggested.map(configurationKey)).size).toBe(7);
      expect([suggested.length, isUsedUp]).toEqual([7, true]);
    });

    it.each([
      ['finite', smallSpace],
      ['continuous', mixedSpace],
    ] as const)('says so when nothing of a %s space satisfies the constraints', (_, space) => {
      const constrained = { ...space, constraints: ['patchSize > 100'] };
      expect(() => sampler(requestOf(constrained, { seed: 1, index: 0, accepts: () => false }))).toThrow(
        /^none of .* satisf(y|ies) the constraints patchSize > 100: widen the space or loosen them$/,
      );
    });

    it('completes given values, and never changes them', () => {
      const given = { learningRate: 0.01, optimizer: 'sgd' };
      for (const values of runStudy(sampler, mixedSpace, { count: 12, given }).suggested) {
        expectWithin(mixedSpace, values);
        expect(values).toMatchObject(given);
      }
      const branch = { optimizer: 'adam', 'optimizer=adam/schedule': 'cosine' };
      const { suggested, isUsedUp } = runStudy(sampler, conditionalSpace, { count: 20, given: branch });
      suggested.forEach((values) => expect(values).toMatchObject(branch));
      expect(new Set(suggested.map(configurationKey)).size).toBe(12);
      expect([suggested.length, isUsedUp]).toEqual([12, true]);
    });

    it('goes on in a widened, and in a refined, version of a finite space without repeating one', () => {
      const first = runStudy(sampler, smallSpace, { count: 7 });
      const widened = changedSpace(smallSpace, {
        blockCount: { type: 'int', minimum: 1, maximum: 6, scale: 'linear' },
      });
      const second = runStudy(sampler, widened, { count: 20, before: first.history });
      const all = [...first.suggested, ...second.suggested].map(configurationKey);
      expect(new Set(all).size).toBe(all.length);
      expect([all.length, second.isUsedUp]).toEqual([18, true]);

      const refined = changedSpace(smallSpace, { patchSize: { type: 'categorical', choices: [4, 8] } });
      const third = runStudy(sampler, refined, { count: 20, before: first.history });
      const within = new Set([...first.suggested, ...third.suggested].map(configurationKey));
      expect(within.size).toBe(7 + third.suggested.length);
      expect(third.isUsedUp).toBe(true);
      Array.from({ length: 8 }, (_, cell) => finiteSpace(refined).at(cell)).forEach((values) =>
        expect(within).toContain(configurationKey(values)),
      );
    });

    it('goes on when every result is equal, and when all were infeasible', () => {
      const { suggested } = runStudy(sampler, mixedSpace, { count: 12 });
      const none = { observed: [], infeasible: [], pending: [] };
      const observed = suggested.map((values) => ({ values, objective: 1, replicates: 1 }));
      for (const history of [
        { ...none, observed },
        { ...none, infeasible: suggested },
      ]) {
        const suggestion = sampler(requestOf(mixedSpace, { seed: 3, index: 12, history }));
        expectWithin(mixedSpace, suggestion?.values ?? {});
      }
    });

    it('names its engine, its version and a reason', () => {
      const suggestion = sampler(requestOf(mixedSpace, { seed: 3, index: 0 }));
      expect(suggestion?.engine).toMatch(/^[a-z]+$/);
      expect(suggestion?.engineVersion).toBeGreaterThanOrEqual(1);
      expect(suggestion?.reason.split(' ').length).toBeGreaterThan(3);
    });

    it('gives every choice of a scientific hyperparameter as many trials, after any number of them', () => {
      const { suggested } = runStudy(sampler, scientificSpace, { count: 24 });
      const spread = (values: readonly Values[], name: string, choices: readonly unknown[]): number => {
        const counts = choices.map((choice) => values.filter((one) => one[name] === choice).length);
        return Math.max(...counts) - Math.min(...counts);
      };
      for (let n = 1; n <= suggested.length; n++) {
        const so = suggested.slice(0, n);
        expect(spread(so, 'model', ['cnn', 'vit', 'transformer'])).toBeLessThanOrEqual(1);
        expect(spread(so, 'optimizer', ['sgd', 'adam'])).toBeLessThanOrEqual(1);
        expect(spread(so, 'optimizer=adam/schedule', ['constant', 'cosine'])).toBeLessThanOrEqual(1);
      }
      const pairs = suggested
        .slice(0, 12)
        .map(({ model, optimizer, 'optimizer=adam/schedule': schedule = 'none' }) =>
          [model, optimizer, schedule].join(),
        );
      // 3 models by 2 optimizers, of which one has 2 schedules: each model has sgd twice and adam with each schedule once.
      expect(new Set(pairs).size).toBe(9);
      expect(pairs.filter((pair) => pair.includes('sgd')).length).toBe(6);
    });

    it('spreads a numeric scientific hyperparameter evenly over its scale', () => {
      const domain = { type: 'float', minimum: 1e-5, maximum: 1e-1, scale: 'log' } as const;
      const dropout = { type: 'float', minimum: 0, maximum: 0.5, scale: 'linear' } as const;
      const space = withScientific(spaceOf({ learningRate: domain, dropout }), ['learningRate']);
      const units = runStudy(sampler, space, { count: 16 }).suggested.map(({ learningRate }) =>
        unitFromValue(domain, learningRate as number),
      );
      const quarters = [0, 1, 2, 3].map(
        (quarter) => units.filter((x) => Math.min(Math.floor(4 * x), 3) === quarter).length,
      );
      // A grid of five levels has two of them in the last quarter.
      expect(quarters).toEqual(settings.kind === 'grid' ? expect.arrayContaining([3, 3]) : [4, 4, 4, 4]);
    });

    it(`keeps all of it in ${randomSpaces} random spaces with constraints`, () => {
      for (let number = 0; number < randomSpaces; number++) {
        const space = randomSpace(number);
        // Every third configuration or so is refused, whatever the space.
        const accepts = (values: Values): boolean => configurationKey(values).length % 3 !== 0;
        const { count, at } = finiteSpace(space);
        const isFinite = count < 500;
        if (settings.kind === 'grid' && !isFinite) continue;
        const all = isFinite ? Array.from({ length: count }, (_, cell) => at(cell)).filter(accepts) : undefined;
        if (all?.length === 0) continue;
        const { suggested } = runStudy(sampler, space, { count: 12, accepts, seed: number });
        const where = `space ${number}: ${JSON.stringify(space.hyperparameters)}`;
        for (const values of suggested) {
          expectWithin(space, values);
          expect(accepts(values), where).toBe(true);
        }
        expect(suggested.length, where).toBe(Math.min(12, all?.length ?? 12));
        if (isFinite) expect(new Set(suggested.map(configurationKey)).size, where).toBe(suggested.length);
      }
    });

    // An adaptive one promises no such thing: for it there is no test to skip.
    if (!isIndexPure) return;
    it('suggests the same with 64 trials at once as with one, and to whoever asks first', () => {
      const accepts = (values: Values): boolean => configurationKey(values).length % 3 !== 0;
      const others = Array.from({ length: 20 }, (_, number) => randomSpace(number));
      for (const space of [mixedSpace, conditionalSpace, scientificSpace, ...others]) {
        if (settings.kind === 'grid' && countConfigurations(space) > 500 && others.includes(space)) continue;
        const options = { count: 70, accepts };
        const alone = runStudy(sampler, space, options);
        expect(runStudy(sampler, space, { ...options, atOnce: 64 }).suggested).toEqual(alone.suggested);
        // From the last to the first, without a history and without what was remembered of the space.
        const fresh = structuredClone(space);
        for (let index = alone.suggested.length - 1; index >= 0; index -= 7) {
          const suggestion = sampler(requestOf(fresh, { seed: 3, index, accepts }));
          expect(suggestion?.values).toEqual(alone.suggested[index]);
        }
        if (alone.isUsedUp) {
          expect(sampler(requestOf(fresh, { seed: 3, index: alone.suggested.length, accepts }))).toBeNull();
        }
      }
    });
  });
}

/** A value of its domain for every active hyperparameter, and no other. */
function expectWithin(space: Space, values: Values): void {
  for (const { name, domain } of space.hyperparameters) {
    const value = values[name];
    expect(value !== undefined, `${name} in ${JSON.stringify(values)}`).toBe(isActive(name, values));
    if (value !== undefined) expect(domainContains(domain, value), `${name} = ${String(value)}`).toBe(true);
  }
  const names = new Set(space.hyperparameters.map(({ name }) => name));
  expect(Object.keys(values).filter((name) => !names.has(name))).toEqual([]);
}
