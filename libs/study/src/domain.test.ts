import { describe, expect, it } from 'vitest';
import { domainValues, unitCell, unitFromValue, valueFromUnit } from './domain.ts';
import type { Domain } from './hyperparameter.ts';

const finite: readonly Domain[] = [
  { type: 'int', minimum: 1, maximum: 9, scale: 'linear' },
  { type: 'int', minimum: 1, maximum: 9, scale: 'log' },
  { type: 'int', minimum: 16, maximum: 512, scale: 'log', step: 16 },
  { type: 'float', minimum: 0, maximum: 0.5, scale: 'linear', step: 0.1 },
  { type: 'categorical', choices: ['a', 'b', true] },
];

describe('a finite domain', () => {
  it.each(finite.map((domain) => [JSON.stringify(domain), domain] as const))(
    '%s is cut into one cell a value',
    (_, domain) => {
      let end = 0;
      for (const value of domainValues(domain)) {
        const [low, high] = unitCell(domain, value);
        expect(low).toBeCloseTo(end, 12);
        for (const share of [0.001, 0.5, 0.999]) expect(valueFromUnit(domain, low + share * (high - low))).toBe(value);
        expect(unitFromValue(domain, value)).toBeGreaterThanOrEqual(low);
        expect(unitFromValue(domain, value)).toBeLessThanOrEqual(high);
        end = high;
      }
      expect(end).toBeCloseTo(1, 12);
    },
  );
});
