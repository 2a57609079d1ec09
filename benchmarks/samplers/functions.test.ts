import { createRng, isActive, valueFromUnit, type Values } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import type { BenchmarkFunction } from './benchmark-function.ts';
import { FUNCTIONS } from './functions.ts';
import { measureLandscape } from './landscape.ts';

/** Draws of a stream of its own, not those that the landscape is measured by. */
function draws({ name, space }: BenchmarkFunction, count: number): Values[] {
  const rng = createRng('functions.test', name);
  return Array.from({ length: count }, () => {
    const all = Object.fromEntries(
      space.hyperparameters.map(({ name: key, domain }) => [key, valueFromUnit(domain, rng.next())]),
    );
    return Object.fromEntries(Object.entries(all).filter(([key]) => isActive(key, all)));
  });
}

describe.each(FUNCTIONS.map((subject) => [subject.name, subject] as const))('the function %s', (_, subject) => {
  const landscape = measureLandscape(subject);
  const { minimum = NaN, optimum = {} } = subject;

  it('has its minimum at its optimum, which planted infeasibility spares', () => {
    expect(Math.abs(subject.evaluate(optimum) - minimum)).toBeLessThan(1e-9 * landscape.interquartileRange);
    expect(landscape.isSpared(optimum)).toBe(true);
  });

  it('is nowhere lower', () => {
    const near = draws(subject, 2000).map((values) =>
      Object.fromEntries(
        Object.entries(optimum).map(([key, value]) => {
          const other = values[key];
          const isNear = typeof value === 'number' && typeof other === 'number' && !Number.isInteger(value);
          return [key, isNear ? value + 1e-3 * (other - value) : value];
        }),
      ),
    );
    for (const values of [...draws(subject, 2000), ...near]) {
      expect(subject.evaluate(values)).toBeGreaterThan(minimum - 1e-9 * landscape.interquartileRange);
    }
  });

  it('loses 30 % of its space to planted infeasibility', () => {
    // 2,000 draws: a standard error of 1 %. Integers and steps put many configurations on the limit itself.
    const spared = draws(subject, 2000).filter(landscape.isSpared).length / 2000;
    expect(spared).toBeGreaterThan(0.66);
    expect(spared).toBeLessThan(subject.name === 'conditional' ? 0.78 : 0.74);
  });
});
