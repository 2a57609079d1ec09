import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chiSquareSurvival, fSurvival, studentCdf, studentQuantile } from './distributions.ts';
import { mean, median, quantile, standardDeviation } from './moments.ts';
import { wilsonInterval } from './wilson-interval.ts';

const { distributions, wilson } = JSON.parse(
  readFileSync(new URL('../../../fixtures/analysis.json', import.meta.url), 'utf8'),
) as { distributions: Record<'t' | 'tQuantile' | 'f' | 'chiSquare', number[][]>; wilson: number[][] };

/** Within 1e-10 of the larger of the two. */
function expectNear(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-10 * Math.abs(expected));
}

describe('distributions of a check', () => {
  it('are those of scipy, fractional degrees of freedom included', () => {
    for (const [t, degrees, p] of distributions.t as [number, number, number][]) expectNear(studentCdf(t, degrees), p);
    for (const [p, degrees, t] of distributions.tQuantile as [number, number, number][])
      expectNear(studentQuantile(p, degrees), t);
    for (const [f, a, b, p] of distributions.f as [number, number, number, number][]) expectNear(fSurvival(f, a, b), p);
    for (const [x, degrees, p] of distributions.chiSquare as [number, number, number][])
      expectNear(chiSquareSurvival(x, degrees), p);
  });

  it('give shares the interval of scipy', () => {
    for (const [hits, draws, low, high] of wilson as [number, number, number, number][]) {
      expect(wilsonInterval(hits, draws)[0]).toBeCloseTo(low, 12);
      expect(wilsonInterval(hits, draws)[1]).toBeCloseTo(high, 12);
    }
  });

  it('have moments of the textbook', () => {
    expect(mean([1, 2, 6])).toBe(3);
    expect(standardDeviation([1, 2, 6])).toBeCloseTo(Math.sqrt(7), 12);
    expect(standardDeviation([1])).toBeNull();
    expect(quantile([1, 2, 4, 8], 0.25)).toBe(1.75);
    expect(median([8, 1, 4])).toBe(4);
  });
});
