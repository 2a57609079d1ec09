import { describe, expect, it } from 'vitest';
import { fairShares, inOrderOfNeed } from './fair-shares.ts';

const claim = (studyId: string, wanted: number, priority = 0) => ({ studyId, wanted, priority });
const shares = (claims: readonly ReturnType<typeof claim>[], slots: number) =>
  Object.fromEntries(fairShares(claims, slots));

describe('fair shares', () => {
  it('are equal for equals; what is left over goes to the earlier ones', () => {
    expect(shares([claim('a', 10), claim('b', 10), claim('c', 10)], 8)).toEqual({ a: 3, b: 3, c: 2 });
  });

  it('leave what one does not want to the others', () => {
    expect(shares([claim('a', 1), claim('b', 10), claim('c', 2)], 8)).toEqual({ a: 1, b: 5, c: 2 });
    expect(shares([claim('a', 1), claim('b', 2)], 8)).toEqual({ a: 1, b: 2 });
  });

  it('double with each step of priority', () => {
    expect(shares([claim('a', 100), claim('b', 100, 1), claim('c', 100, 2)], 70)).toEqual({ a: 10, b: 20, c: 40 });
    expect(shares([claim('a', 100), claim('b', 100, -1)], 9)).toEqual({ a: 6, b: 3 });
  });

  it('give a single slot to the study with the highest priority', () => {
    expect(shares([claim('a', 5), claim('b', 5, 1)], 1)).toEqual({ a: 0, b: 1 });
  });

  it('are nothing where there are no slots or no studies', () => {
    expect(shares([claim('a', 5)], 0)).toEqual({ a: 0 });
    expect(shares([], 5)).toEqual({});
  });
});

it('the study that has the least for its weight is the one in need', () => {
  const order = inOrderOfNeed([
    { name: 'two of weight 1', has: 2, priority: 0 },
    { name: 'two of weight 4', has: 2, priority: 2 },
    { name: 'none', has: 0, priority: 0 },
    { name: 'none either', has: 0, priority: 0 },
  ]);
  expect(order.map(({ name }) => name)).toEqual(['two of weight 4', 'none', 'none either', 'two of weight 1']);
});
