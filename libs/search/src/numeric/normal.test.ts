import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/gaussian-process.json' with { type: 'json' };
import { logH, logNormalCdf, normalCdf, normalQuantile } from './normal.ts';

const { normal } = fixture;

/** |a - b| over |b|, where b is not 0. */
const relativeError = (actual: number, expected: number): number =>
  expected === 0 ? Math.abs(actual) : Math.abs(actual / expected - 1);

describe('the normal distribution', () => {
  it.each(normal.z.map((z, i) => [z, i] as const))('at z = %s is that of scipy and mpmath', (z, i) => {
    expect(relativeError(normalCdf(z), normal.cdf[i] as number)).toBeLessThan(1e-12);
    expect(relativeError(logNormalCdf(z), normal.logCdf[i] as number)).toBeLessThan(1e-12);
    expect(relativeError(logH(z).value, normal.logH[i] as number)).toBeLessThan(1e-12);
  });

  it.each(normal.p.map((p, i) => [p, normal.quantile[i] as number] as const))(
    'has the quantile of %s',
    (p, quantile) => {
      expect(normalQuantile(p)).toBeCloseTo(quantile, 12);
    },
  );

  it('ends at infinity', () => {
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
  });

  it.each([-40, -8, -1.2, -0.9, 0, 0.7, 4])('log h has the slope of its differences at z = %s', (z) => {
    const step = 1e-5;
    const slope = (logH(z + step).value - logH(z - step).value) / (2 * step);
    expect(relativeError(logH(z).derivative, slope)).toBeLessThan(1e-6);
  });
});
