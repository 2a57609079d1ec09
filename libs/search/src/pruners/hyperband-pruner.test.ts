import { describe, expect, it } from 'vitest';
import { HALTON_ENGINE_VERSION, haltonSequence } from '../halton/halton-sequence.ts';
import { bracketOf, bracketShares, createHyperbandPruner } from './hyperband-pruner.ts';
import { curveOf } from './testing/curves.ts';

describe('Hyperband', () => {
  const shares = bracketShares({ eta: 3, grace: 1 }, 27);

  it('has the brackets of the paper, the last one whole where a logarithm is rounded down', () => {
    expect(shares).toEqual([27, 12, 6, 4]);
    expect(bracketShares({ eta: 3, grace: 1 }, 243)).toHaveLength(6);
    expect(bracketShares({ eta: 10, grace: 1 }, 1000)).toHaveLength(4);
    expect(bracketShares({ eta: 3, grace: 50 }, 27)).toEqual([1]);
  });

  it('deals trials in those shares', () => {
    const counts = [0, 0, 0, 0];
    for (let number = 0; number < 4900; number++) counts[bracketOf(number, shares)]! += 1;
    const expected = shares.map((share) => (4900 * share) / 49);
    const chiSquare = counts.reduce((sum, count, i) => sum + (count - expected[i]!) ** 2 / expected[i]!, 0);
    // 99.9 % of chi-square with three degrees of freedom.
    expect(chiSquare).toBeLessThan(16.27);
  });

  it('deals no half or third of a quasi-random space to one bracket', () => {
    const sequence = haltonSequence({ engineVersion: HALTON_ENGINE_VERSION, seed: 5, dimensions: 2 });
    const sums = shares.map(() => [0, 0, 0]);
    for (let number = 0; number < 980; number++) {
      const sum = sums[bracketOf(number, shares)]!;
      const point = sequence(number);
      sum[0]! += 1;
      sum[1]! += point[0]!;
      sum[2]! += point[1]!;
    }
    for (const [count, ...coordinates] of sums as [number, number, number][]) {
      // The mean of n uniforms: four standard errors.
      for (const total of coordinates) expect(Math.abs(total / count - 0.5)).toBeLessThan(4 / Math.sqrt(12 * count));
    }
  });

  it('lets trials compete within their bracket, which begins at its own rung', () => {
    const pruner = createHyperbandPruner({ grace: 1 });
    const inBracket = (bracket: number) =>
      Array.from({ length: 200 }, (_, number) => number).filter((number) => bracketOf(number, shares) === bracket);
    const [early, second] = [inBracket(0), inBracket(1)];
    const request = (number: number, length: number) => ({
      trial: curveOf(number, new Array<number>(length).fill(0.9)),
      others: [...early.slice(1, 6), ...second.slice(1, 6)].map((other) => curveOf(other, [0.5, 0.5, 0.5])),
      objective: { metric: 'validationLoss', direction: 'minimise' } as const,
      budget: { unit: 'epochs', total: 27 } as const,
    });
    const first = pruner(request(early[0]!, 1));
    expect(first).toMatchObject({ verdict: 'prune', evidence: early.slice(1, 6) });
    expect(first.reason).toMatch(/^bracket 1 of 4: at epoch 1 /);
    expect(pruner(request(second[0]!, 1))).toMatchObject({
      verdict: 'continue',
      reason: 'bracket 2 of 4: no rung at epoch 1: the next rung is epoch 3',
    });
    expect(pruner(request(second[0]!, 3))).toMatchObject({ verdict: 'prune', evidence: second.slice(1, 6) });
    expect(pruner(request(inBracket(3)[0]!, 3)).reason).toBe(
      'bracket 4 of 4: no rung at epoch 3: there is none before the end of the training',
    );
  });
});
