import { describe, expect, it } from 'vitest';
import { BUILT_IN_METRICS, isBetter } from './metric.ts';
import { isFinished, TRIAL_STATES } from './trial-state.ts';

describe('a better value', () => {
  it('is strictly higher or lower by the direction', () => {
    expect([isBetter('maximise', 2, 1), isBetter('minimise', 1, 2)]).toEqual([true, true]);
    expect([isBetter('maximise', 1, 1), isBetter('minimise', 1, 1)]).toEqual([false, false]);
  });

  it('is any finite one beside one that is not, and never one that is not', () => {
    for (const direction of ['maximise', 'minimise'] as const) {
      for (const bad of [NaN, Infinity, -Infinity]) {
        expect(isBetter(direction, bad, 0)).toBe(false);
        expect(isBetter(direction, 0, bad)).toBe(true);
        expect(isBetter(direction, bad, bad)).toBe(false);
      }
    }
  });
});

it('No metric of the built-in trainer is a test metric, and names are distinct', () => {
  const names = BUILT_IN_METRICS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => name.startsWith('test'))).toEqual([]);
});

it('A trial is finished in every state but queued and running', () => {
  expect(TRIAL_STATES.filter((state) => !isFinished(state))).toEqual(['QUEUED', 'RUNNING']);
});
