import { describe, expect, it } from 'vitest';
import { domainContains, domainValues, unitCell, unitFromValue, valueCount, valueFromUnit } from './domain.ts';
import type { Domain } from './hyperparameter.ts';
import { createRng, type Rng } from './rng.ts';

/** A random domain of every type, with and without a step, on either scale. */
function randomDomain(rng: Rng): Domain {
  const type = rng.integer(4);
  if (type === 0) {
    return {
      type: 'categorical',
      choices: Array.from({ length: 1 + rng.integer(7) }, (_, i) => (i % 2 ? i : `c${i}`)),
    };
  }
  if (type === 1) {
    const scale = rng.integer(2) === 0 ? 'linear' : 'log';
    const minimum = scale === 'log' ? 1 + rng.integer(40) : rng.integer(100) - 50;
    const maximum = minimum + rng.integer(300);
    const step = 1 + rng.integer(Math.max(1, maximum - minimum));
    return { type: 'int', minimum, maximum, scale, ...(rng.integer(2) === 0 ? {} : { step }) };
  }
  if (type === 2) {
    const minimum = 10 ** (rng.next() * 8 - 6);
    return { type: 'float', minimum, maximum: minimum * 10 ** (rng.next() * 5), scale: 'log' };
  }
  const minimum = Math.round(rng.normal() * 100) / 100;
  const step = (1 + rng.integer(30)) / 100;
  const maximum = minimum + step * (1 + rng.integer(40)) + rng.next() * step * 0.9;
  return { type: 'float', minimum, maximum, scale: 'linear', ...(rng.integer(2) === 0 ? {} : { step }) };
}

const domains = Array.from({ length: 500 }, (_, seed) => randomDomain(createRng('domain', seed)));

describe('a domain', () => {
  it('gives a value of its own at every unit coordinate, both ends included', () => {
    domains.forEach((domain, seed) => {
      const rng = createRng('units', seed);
      for (const unit of [0, 1, 1 - 2 ** -53, ...Array.from({ length: 20 }, () => rng.next())]) {
        const value = valueFromUnit(domain, unit);
        expect(domainContains(domain, value), `${JSON.stringify(domain)} at ${unit} gives ${String(value)}`).toBe(true);
      }
    });
  });

  it('gives back a value from its coordinate: exactly on a grid, to rounding elsewhere', () => {
    domains.forEach((domain, seed) => {
      const rng = createRng('round trip', seed);
      for (let i = 0; i < 20; i++) {
        const value = valueFromUnit(domain, rng.next());
        const unit = unitFromValue(domain, value);
        expect(unit >= 0 && unit <= 1).toBe(true);
        const again = valueFromUnit(domain, unit);
        if (valueCount(domain) === Infinity) expect(again as number).toBeCloseTo(value as number, 9);
        else expect(again, JSON.stringify(domain)).toBe(value);
      }
    });
  });

  it.each([
    ['integers beyond twelve digits', { type: 'int', minimum: 2 ** 40, maximum: 2 ** 40 + 10, scale: 'linear' }, 11],
    [
      'steps from a minimum without an end',
      { type: 'float', minimum: 1 / 3, maximum: 1, scale: 'linear', step: 1 / 7 },
      5,
    ],
    [
      'small steps far from zero',
      { type: 'float', minimum: 1e9, maximum: 1e9 + 1, scale: 'linear', step: 0.001 },
      1001,
    ],
    ['steps of a tiny range', { type: 'float', minimum: 0, maximum: 1e-10, scale: 'linear', step: 2e-12 }, 51],
  ] as const)('lists %s, each its own and within', (_, domain, count) => {
    const values = domainValues(domain);
    expect(new Set(values).size).toBe(count);
    for (const value of values) {
      expect(domainContains(domain, value), String(value)).toBe(true);
      expect(valueFromUnit(domain, unitFromValue(domain, value))).toBe(value);
    }
  });

  it('writes a step through zero as zero, and holds no fraction among integers however large', () => {
    const domain = { type: 'float', minimum: -0.3, maximum: 0.3, scale: 'linear', step: 0.1 } as const;
    expect(domainValues(domain)).toEqual([-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]);
    const large = { type: 'int', minimum: 0, maximum: 2 ** 40, scale: 'linear' } as const;
    expect(domainContains(large, 2 ** 39 + 0.5)).toBe(false);
  });

  it('grows with its coordinate and reaches every value of a grid', () => {
    for (const domain of domains) {
      if (domain.type === 'categorical') continue;
      const fine = Array.from({ length: 4001 }, (_, i) => valueFromUnit(domain, i / 4000) as number);
      expect(fine.every((value, i) => i === 0 || value >= (fine[i - 1] as number))).toBe(true);
      if (domain.scale === 'linear' && valueCount(domain) !== Infinity) {
        expect(new Set(fine).size, JSON.stringify(domain)).toBe(valueCount(domain));
      }
    }
  });

  it('of k discrete values is cut into k equal cells', () => {
    const grid: Domain = { type: 'float', minimum: 0, maximum: 0.5, scale: 'linear', step: 0.1 };
    expect(valueCount(grid)).toBe(6);
    expect([0, 0.166, 0.167, 0.5, 0.84, 0.999].map((unit) => valueFromUnit(grid, unit))).toEqual([
      0, 0, 0.1, 0.3, 0.5, 0.5,
    ]);
    expect(unitFromValue(grid, 0.3)).toBeCloseTo(3.5 / 6, 12);
    const choices: Domain = { type: 'categorical', choices: ['a', true, 3] };
    expect([0, 0.34, 0.67].map((unit) => valueFromUnit(choices, unit))).toEqual(['a', true, 3]);
  });

  it('interpolates a log scale in the logarithm', () => {
    const rates: Domain = { type: 'float', minimum: 1e-5, maximum: 1e-1, scale: 'log' };
    expect(valueFromUnit(rates, 0.5)).toBeCloseTo(1e-3, 12);
    expect([valueFromUnit(rates, 0), valueFromUnit(rates, 1)]).toEqual([1e-5, 1e-1]);
  });

  it('gives log-scaled integers a share of the interval by their size', () => {
    const sizes: Domain = { type: 'int', minimum: 1, maximum: 100, scale: 'log' };
    const counts = new Map<unknown, number>();
    for (let i = 0; i < 100_000; i++) {
      const value = valueFromUnit(sizes, (i + 0.5) / 100_000);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect(counts.size).toBe(100);
    // log(10.5 / 9.5) over log(100.5 / (1 / 1.5))
    expect((counts.get(10) as number) / 100_000).toBeCloseTo(Math.log(10.5 / 9.5) / Math.log(100.5 * 1.5), 4);
  });

  it('with a step as long as its minimum or longer has all its values on a log scale', () => {
    const odd: Domain = { type: 'int', minimum: 1, maximum: 8, scale: 'log', step: 2 };
    const seen = new Set(Array.from({ length: 1000 }, (_, i) => valueFromUnit(odd, i / 1000)));
    expect([...seen]).toEqual([1, 3, 5, 7]);
  });

  it('does not hold what lies beside it', () => {
    const grid: Domain = { type: 'int', minimum: 4, maximum: 12, scale: 'linear', step: 4 };
    expect([4, 8, 12].every((value) => domainContains(grid, value))).toBe(true);
    expect([0, 5, 16, 8.5, NaN, Infinity, '8', true].some((value) => domainContains(grid, value))).toBe(false);
    expect(() => unitFromValue({ type: 'categorical', choices: ['a'] }, 'b')).toThrow('Invariant broken');
    expect(() => valueFromUnit(grid, 1.01)).toThrow('[0, 1]');
    expect(() => valueFromUnit(grid, NaN)).toThrow('[0, 1]');
  });

  it('of one value has it everywhere', () => {
    const one: Domain = { type: 'float', minimum: 0.3, maximum: 0.3, scale: 'log' };
    expect([valueCount(one), valueFromUnit(one, 0.9), unitFromValue(one, 0.3)]).toEqual([1, 0.3, 0.5]);
  });
});

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
