import { describe, expect, it } from 'vitest';
import { minimise } from './lbfgs.ts';

const rosenbrock = (x: Float64Array): { value: number; gradient: Float64Array } => {
  const gradient = new Float64Array(x.length);
  let value = 0;
  for (let i = 0; i + 1 < x.length; i++) {
    const a = x[i] as number;
    const gap = (x[i + 1] as number) - a * a;
    value += 100 * gap * gap + (1 - a) ** 2;
    gradient[i] = (gradient[i] as number) - 400 * a * gap - 2 * (1 - a);
    gradient[i + 1] = (gradient[i + 1] as number) + 200 * gap;
  }
  return { value, gradient };
};
const box = (size: number, low: number, high: number): { lower: number[]; upper: number[] } => ({
  lower: Array<number>(size).fill(low),
  upper: Array<number>(size).fill(high),
});

describe('projected L-BFGS', () => {
  it('walks the valley of Rosenbrock in eight dimensions to its end', () => {
    const options = { ...box(8, -5, 10), maximumIterations: 500, tolerance: 1e-8 };
    const { x, value } = minimise(rosenbrock, Array<number>(8).fill(-1.2), options);
    expect(value).toBeLessThan(1e-8);
    x.forEach((coordinate) => expect(coordinate).toBeCloseTo(1, 3));
  });

  it('stops on the edges that hold the minimum', () => {
    // (x - 2)^2 + (y + 3)^2 over [0, 1]^2 is least at (1, 0).
    const { x } = minimise(
      ([a = 0, b = 0]) => ({ value: (a - 2) ** 2 + (b + 3) ** 2, gradient: Float64Array.of(2 * (a - 2), 2 * (b + 3)) }),
      [0.5, 0.5],
      { ...box(2, 0, 1), maximumIterations: 50, tolerance: 1e-10 },
    );
    expect([...x]).toEqual([1, 0]);
  });

  it('is never worse than its start, and never leaves the box', () => {
    const seen: number[] = [];
    const { value } = minimise(
      (x) => {
        seen.push(...x);
        return rosenbrock(x);
      },
      [3, -4],
      { ...box(2, -4, 3), maximumIterations: 5, tolerance: 0 },
    );
    expect(value).toBeLessThanOrEqual(rosenbrock(Float64Array.of(3, -4)).value);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(-4);
    expect(Math.max(...seen)).toBeLessThanOrEqual(3);
  });

  it('steps back from a place where the function is not finite', () => {
    const { x } = minimise(
      ([a = 0]) =>
        a > 2 ? { value: NaN, gradient: Float64Array.of(NaN) } : { value: -a, gradient: Float64Array.of(-1) },
      [0],
      { ...box(1, 0, 10), maximumIterations: 60, tolerance: 1e-9 },
    );
    expect(x[0]).toBeGreaterThan(1);
    expect(x[0]).toBeLessThanOrEqual(2);
  });
});
