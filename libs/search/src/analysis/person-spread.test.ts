import { describe, expect, it } from 'vitest';
import { personSpread } from './person-spread.ts';

describe('the spread over people', () => {
  it('has the chi-square test of scipy and the worst person first', () => {
    const spread = personSpread([
      { subject: 'a', correct: 90, count: 100 },
      { subject: 'b', correct: 30, count: 50 },
      { subject: 'c', correct: 70, count: 80 },
      { subject: 'd', correct: 0, count: 0 },
    ]);
    expect(spread.people.map(({ subject }) => subject)).toEqual(['b', 'c', 'a']);
    expect(spread.mean).toBeCloseTo((0.9 + 0.6 + 0.875) / 3, 12);
    // scipy.stats.chi2_contingency([[90, 30, 70], [10, 20, 10]], correction=False): the number below.
    expect(spread.p).toBeCloseTo(1.0520644874967907e-5, 9);
    expect(spread.beyondChance).toBeLessThan(spread.standardDeviation as number);
    expect(spread.beyondChance).toBeGreaterThan(0.1);
  });

  it('is chance alone where all people are alike, and unknown of one', () => {
    const same = personSpread([10, 10, 10].map((count, i) => ({ subject: String(i), correct: 8, count })));
    expect(same).toMatchObject({
      standardDeviation: expect.closeTo(0, 12) as number,
      beyondChance: 0,
      p: expect.closeTo(1, 12) as number,
    });
    expect(personSpread([{ subject: 'a', correct: 3, count: 4 }])).toMatchObject({ mean: 0.75, p: null });
    expect(personSpread([]).mean).toBeNull();
    expect(personSpread([1, 2].map((n) => ({ subject: String(n), correct: n, count: n }))).p).toBe(1);
  });
});
