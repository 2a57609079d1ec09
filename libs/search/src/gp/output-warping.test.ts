import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/gaussian-process.json' with { type: 'json' };
import { fitOutputWarping } from './output-warping.ts';

const rng = createRng('warping');
const skewed = Array.from({ length: 60 }, () => -Math.exp(2 * rng.normal()));

describe('output warping', () => {
  it("is scipy's Yeo-Johnson power of highest likelihood, standardised", () => {
    const { values, y } = fixture.warping;
    const { warp } = fitOutputWarping(values);
    values.forEach((value, i) => expect(warp(value)).toBeCloseTo(y[i] as number, 9));
  });

  it.each([
    ['skewed values', skewed],
    ['a value far below all others', [...skewed, -1e9]],
    ['a fifth of the values at 1e8', skewed.map((value, i) => (i % 5 === 0 ? -1e8 * (1 + i) : value))],
    ['more than half of the values equal', skewed.map((value, i) => (i % 3 === 0 ? value : -1))],
  ])('keeps the order of %s and standardises them', (_, values) => {
    const { warp } = fitOutputWarping(values);
    const y = [...values].sort((a, b) => a - b).map(warp);
    for (let i = 1; i < y.length; i++) expect(y[i] as number).toBeGreaterThanOrEqual(y[i - 1] as number);
    expect(y.reduce((sum, value) => sum + value, 0) / y.length).toBeCloseTo(0, 10);
    expect(y.reduce((sum, value) => sum + value ** 2, 0) / y.length).toBeCloseTo(1, 10);
  });

  it('leaves differences between good values however bad the others are', () => {
    const good = [-1, -1.5, -2, -2.5, -3, -3.5, -4, -4.5];
    const { warp } = fitOutputWarping([...good, -1e8, -3e8]);
    expect(warp(-1) - warp(-4.5)).toBeGreaterThan(0.5);
  });

  it('knows its slope, far below and above', () => {
    const { warp, slope } = fitOutputWarping([...skewed, -1e5]);
    for (const value of [-1e5, -300, -20, -1, -0.01, 3]) {
      const step = 1e-6 * Math.max(1, Math.abs(value));
      expect(slope(value) / ((warp(value + step) - warp(value - step)) / (2 * step))).toBeCloseTo(1, 4);
    }
  });

  it('takes equal values to 0', () => {
    const { warp, slope } = fitOutputWarping([3, 3, 3]);
    expect([warp(3), slope(3)]).toEqual([0, 0]);
  });
});
