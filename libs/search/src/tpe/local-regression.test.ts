import type { Domain } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/local-regression.json' with { type: 'json' };
import { spaceOf } from '../testing/sample-spaces.ts';
import { createLocalRegression, type RankedValues } from './local-regression.ts';

const space = spaceOf(fixture.domains as unknown as Record<string, Domain>);

describe("TPE's local regression", () => {
  it.each(fixture.cases)('on $results.length results fits what numpy fits', ({ results, losses, points, fitted }) => {
    const ranked = results.map((values, i): RankedValues => ({
      values,
      loss: losses[i] ?? undefined,
    }));
    const fit = createLocalRegression(space, ranked);
    points.forEach((point, i) => expect(fit(point)).toBeCloseTo(fitted[i] as number, 8));
  });

  it('goes on down the slope beyond the best result', () => {
    const line = spaceOf({ x: { type: 'float', minimum: 0, maximum: 1, scale: 'linear' } });
    const ranked = Array.from({ length: 20 }, (_, i): RankedValues => ({ values: { x: 0.3 + i / 40 }, loss: i }));
    const fit = createLocalRegression(line, ranked);
    expect(fit({ x: 0.28 })).toBeLessThan(fit({ x: 0.3 }));
    expect(fit({ x: 0.3 })).toBeLessThan(fit({ x: 0.4 }));
  });

  it('says the same of every configuration where all results are the same', () => {
    const ranked = Array.from({ length: 8 }, (): RankedValues => ({
      values: { x: 1, rate: 1e-3, model: 'cnn' },
      loss: 2,
    }));
    const fit = createLocalRegression(space, ranked);
    expect(fit({ x: 1, rate: 1e-3, model: 'cnn' })).toBeCloseTo(0, 12);
    expect(fit({ x: -2, rate: 1e-5, model: 'cnn' })).toBeCloseTo(0, 12);
  });
});
