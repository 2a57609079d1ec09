import { describe, expect, it } from 'vitest';
import { judgeDivisions } from './judge-divisions.ts';
import { rateOf } from './measure-division.ts';

const division = (slots: number, trialsPerHour: number, epochsPerSecond: readonly number[]) => ({
  slots,
  threads: 4 / slots,
  trialsPerHour,
  epochsPerSecond,
});

describe('the rate of a division', () => {
  it('is that of all slots while all of them train', () => {
    // An epoch each 100 ms and each 200 ms, the first slot begun earlier and ended earlier.
    const fast = [0, 100, 200, 300, 400, 500, 600];
    const slow = [200, 400, 600, 800];
    expect(rateOf([fast])).toBeCloseTo(10, 9);
    expect(rateOf([fast, slow])).toBeCloseTo(15, 9);
  });

  it('is nothing of a slot that trained no whole epoch beside the others', () => {
    expect(rateOf([[0, 100], [5_000]])).toBe(0);
  });
});

describe('the verdict on divisions', () => {
  it('is the fastest, clear where each of its rounds beats each of the others', () => {
    const whole = division(1, 300, [2, 2.2]);
    expect(judgeDivisions([whole, division(4, 400, [2.5, 3])])).toMatchObject({ best: { slots: 4 }, isClear: true });
    expect(judgeDivisions([whole, division(4, 310, [2.1, 2.4])])).toMatchObject({ best: { slots: 4 }, isClear: false });
    expect(judgeDivisions([whole])).toMatchObject({ best: { slots: 1 }, isClear: true });
  });
});
