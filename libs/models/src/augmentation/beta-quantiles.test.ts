import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { betaQuantiles } from './beta-quantiles.ts';

const { cases } = JSON.parse(readFileSync(new URL('../../fixtures/beta-quantiles.json', import.meta.url), 'utf8')) as {
  cases: readonly { readonly alpha: number; readonly quantiles: readonly number[] }[];
};

it.each(cases)("gives SciPy's quantiles of Beta(α, α) for α = $alpha", ({ alpha, quantiles }) => {
  betaQuantiles(alpha, quantiles.length - 1).forEach((quantile, i) => {
    const expected = quantiles[i] as number;
    expect(Math.abs(quantile - expected)).toBeLessThan(1e-10 * Math.max(expected, 1e-30) + 1e-14);
  });
});
