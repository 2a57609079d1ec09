import { domainContains, isActive } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { conditionalSpace, mixedSpace } from '../testing/sample-spaces.ts';
import { countConfigurations, finiteSpace } from './finite-space.ts';

describe('a finite space', () => {
  it('is counted and numbered with its branches', () => {
    expect(countConfigurations(conditionalSpace)).toBe(17);
    const { at } = finiteSpace(conditionalSpace);
    const all = Array.from({ length: 17 }, (_, cell) => at(cell));
    expect(new Set(all.map((values) => JSON.stringify(values))).size).toBe(17);
    for (const values of all) {
      for (const { name, domain } of conditionalSpace.hyperparameters) {
        expect(Object.hasOwn(values, name)).toBe(isActive(name, values));
        if (Object.hasOwn(values, name)) expect(domainContains(domain, values[name] as never)).toBe(true);
      }
    }
  });

  it('is not finite with one continuous hyperparameter, even in a branch', () => {
    expect(countConfigurations(mixedSpace)).toBe(Infinity);
  });
});
