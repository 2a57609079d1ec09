/** Domains and the unit interval: every sampler works in [0, 1) per hyperparameter and every check in the scaled space. */
import { invariant } from './errors.ts';
import type { Domain, FloatDomain, HyperparameterValue, IntDomain } from './hyperparameter.ts';

/**
 * The value at position `unit` in [0, 1) of a domain: linear or log interpolation; a discrete domain of k values is cut
 * into k equal cells, floor(unit * k).
 */
export function valueFromUnit(domain: Domain, unit: number): HyperparameterValue {
  invariant(unit >= 0 && unit <= 1, `a unit coordinate lies in [0, 1], got ${unit}`);
  if (domain.type === 'categorical') {
    const index = Math.min(Math.floor(unit * domain.choices.length), domain.choices.length - 1);
    return domain.choices[index] as HyperparameterValue;
  }
  const { minimum, maximum, scale } = domain;
  if (domain.type === 'float' && domain.step === undefined) {
    if (scale === 'linear') return clamp(minimum + unit * (maximum - minimum), minimum, maximum);
    return clamp(Math.exp(Math.log(minimum) + unit * (Math.log(maximum) - Math.log(minimum))), minimum, maximum);
  }
  const step = domain.step ?? 1;
  const count = stepCount(minimum, maximum, step);
  if (scale === 'linear') return onGrid(minimum, Math.min(Math.floor(unit * count), count - 1), step);
  const [low, high] = logEnds(domain, count);
  const index = Math.round((Math.exp(low + unit * (high - low)) - minimum) / step);
  return onGrid(minimum, clamp(index, 0, count - 1), step);
}

/** Where a value lies in its domain's scaled space, in [0, 1]; the middle of its cell for a discrete domain. */
export function unitFromValue(domain: Domain, value: HyperparameterValue): number {
  return unitMapping(domain)(value);
}

/** `unitFromValue` for many values of a domain: what depends on the domain alone is computed once. */
export function unitMapping(domain: Domain): (value: HyperparameterValue) => number {
  if (domain.type === 'categorical') {
    const { choices } = domain;
    return (value) => {
      const index = choices.indexOf(value);
      if (index < 0) invariant(false, `${String(value)} is one of ${choices.join(', ')}`);
      return (index + 0.5) / choices.length;
    };
  }
  const position = positionMapping(domain);
  return (value) => {
    if (typeof value !== 'number') invariant(false, `a numeric domain holds numbers, got ${String(value)}`);
    return clamp(position(value), 0, 1);
  };
}

/** The same without bounds. */
function positionMapping(domain: FloatDomain | IntDomain): (value: number) => number {
  const { minimum, maximum, scale } = domain;
  if (domain.type === 'float' && domain.step === undefined) {
    if (maximum === minimum) return () => 0.5;
    if (scale === 'linear') return (value) => (value - minimum) / (maximum - minimum);
    const [low, high] = [Math.log(minimum), Math.log(maximum)];
    return (value) => (Math.log(value) - low) / (high - low);
  }
  const step = domain.step ?? 1;
  const count = stepCount(minimum, maximum, step);
  if (scale === 'linear') return (value) => (Math.round((value - minimum) / step) + 0.5) / count;
  const [low, high] = logEnds(domain, count);
  return (value) => (Math.log(value) - low) / (high - low);
}

/** How many values a domain holds; Infinity for a continuous one. */
export function valueCount(domain: Domain): number {
  if (domain.type === 'categorical') return domain.choices.length;
  if (domain.type === 'float' && domain.step === undefined) return domain.minimum === domain.maximum ? 1 : Infinity;
  return stepCount(domain.minimum, domain.maximum, domain.step ?? 1);
}

/** The values of a finite domain, in order. */
export function domainValues(domain: Domain): readonly HyperparameterValue[] {
  if (domain.type === 'categorical') return domain.choices;
  const count = valueCount(domain);
  invariant(Number.isFinite(count), 'only a finite domain can be listed');
  return Array.from({ length: count }, (_, index) => domainValue(domain, index));
}

/** The value of a finite domain that has `place` others before it. */
export function domainValue(domain: Domain, place: number): HyperparameterValue {
  invariant(place >= 0 && place < valueCount(domain), `a place among ${valueCount(domain)} values, got ${place}`);
  if (domain.type === 'categorical') return domain.choices[place] as HyperparameterValue;
  return onGrid(domain.minimum, place, domain.step ?? 1);
}

/** The part of the unit interval that a value of a finite domain owns: valueFromUnit gives the value on all of it. */
export function unitCell(domain: Domain, value: HyperparameterValue): readonly [number, number] {
  const count = valueCount(domain);
  if (domain.type === 'categorical' || domain.scale === 'linear') {
    const middle = unitFromValue(domain, value);
    return [middle - 0.5 / count, middle + 0.5 / count];
  }
  const [low, high] = logEnds(domain, count);
  const step = domain.step ?? 1;
  const edge = (at: number): number => (Math.log(at) - low) / (high - low);
  return [
    value === domain.minimum ? 0 : edge((value as number) - step / 2),
    value === onGrid(domain.minimum, count - 1, step) ? 1 : edge((value as number) + step / 2),
  ];
}

/** Whether a value belongs to a domain (on its grid, within rounding). */
export function domainContains(domain: Domain, value: HyperparameterValue): boolean {
  if (domain.type === 'categorical') return domain.choices.includes(value);
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  if (value < domain.minimum || value > domain.maximum) return false;
  if (domain.type === 'int') return (value - domain.minimum) % (domain.step ?? 1) === 0;
  const { step } = domain;
  if (step === undefined) return true;
  const nearest = onGrid(domain.minimum, Math.round((value - domain.minimum) / step), step);
  return Math.abs(value - nearest) <= 1e-9 * step;
}

/**
 * Ends of the log interval of a log-scaled grid. Each value owns the part from half a step below to half a step above it;
 * the lowest as far below as above in the logarithm, for half a step below may be zero or less.
 */
function logEnds({ minimum, step = 1 }: FloatDomain | IntDomain, count: number): readonly [number, number] {
  const highest = onGrid(minimum, count - 1, step);
  return [2 * Math.log(minimum) - Math.log(minimum + step / 2), Math.log(highest + step / 2)];
}

function stepCount(minimum: number, maximum: number, step: number): number {
  // The tolerance keeps 0 ... 0.5 by 0.1 at six values although 0.5 / 0.1 rounds below 5.
  return Math.floor((maximum - minimum) / step + 1e-9) + 1;
}

/** minimum + index * step without the digits that binary fractions add: 0.1 * 3 gives 0.3, and -0.3 + 0.1 * 3 gives 0. */
function onGrid(minimum: number, index: number, step: number): number {
  const sum = minimum + index * step;
  if (Number.isInteger(minimum) && Number.isInteger(step)) return sum;
  const rounded = Number(sum.toFixed(Math.min(100, Math.max(decimalsOf(minimum), decimalsOf(step)))));
  return rounded === 0 ? 0 : rounded; // Not -0, which is another value to some.
}

/** Decimal places of a number as it is written: 2 of 0.05, 12 of 3e-12. */
function decimalsOf(value: number): number {
  const [digits = '', exponent = '0'] = String(value).split('e');
  return Math.max(0, (digits.split('.')[1] ?? '').length - Number(exponent));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
