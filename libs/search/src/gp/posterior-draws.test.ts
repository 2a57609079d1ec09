import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { posteriorDraws } from './posterior-draws.ts';

const rng = createRng('draws');
const count = 20_000;

/** theta^T A theta / 2 about `mode`, with its gradient. */
function quadratic(a: readonly (readonly number[])[], mode: readonly number[]) {
  return (theta: Float64Array) => {
    const away = [...theta].map((value, i) => value - mode[i]!);
    const gradient = Float64Array.from(a, (row) => row.reduce((sum, value, j) => sum + value * away[j]!, 0));
    return { value: 0.5 * away.reduce((sum, value, i) => sum + value * gradient[i]!, 0), gradient };
  };
}

describe('draws about a posterior mode', () => {
  it('of a normal posterior have its mean and covariance', () => {
    const mode = [1, -2];
    const draw = posteriorDraws(
      {
        theta: Float64Array.from(mode),
        evaluate: quadratic(
          [
            [5, 3],
            [3, 4],
          ],
          mode,
        ),
      },
      rng,
    );
    const draws = Array.from({ length: count }, () => [...draw()].map((value, i) => value - mode[i]!));
    const moment = (i: number, j: number): number => draws.reduce((sum, d) => sum + d[i]! * d[j]!, 0) / count;
    // The inverse of the second derivatives, 0.05 stiffer: 4.05 / 11.4525 and so on; standard errors are 0.005 and less.
    expect(Math.abs(moment(0, 0) - 4.05 / 11.4525)).toBeLessThan(0.02);
    expect(Math.abs(moment(0, 1) + 3 / 11.4525)).toBeLessThan(0.02);
    expect(Math.abs(moment(1, 1) - 5.05 / 11.4525)).toBeLessThan(0.02);
    expect(Math.abs(draws.reduce((sum, d) => sum + d[0]!, 0) / count)).toBeLessThan(0.02);
  });

  it('stay near where the posterior is flat, or bends the wrong way', () => {
    const draw = posteriorDraws(
      {
        theta: Float64Array.of(0, 0),
        evaluate: quadratic(
          [
            [-1, 0],
            [0, 0],
          ],
          [0, 0],
        ),
      },
      rng,
    );
    for (let i = 0; i < 100; i++) for (const value of draw()) expect(Math.abs(value)).toBeLessThan(30);
  });
});
