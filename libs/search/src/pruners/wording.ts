/** How a pruner's numbers are written. */
import type { BudgetUnit } from './pruner.ts';

/** `epoch 12`, `step 3400`. */
export function placeOf(position: number, unit: BudgetUnit): string {
  return `${unit === 'epochs' ? 'epoch' : 'step'} ${showPosition(position)}`;
}

/** Epochs may be sums of fractions: 2.9999999999999996 is 3; steps may be millions. */
export function showPosition(position: number): string {
  return String(Number(position.toFixed(6)));
}

/** A metric's value, in six significant digits. */
export function showValue(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Two numbers in as many digits as tell them apart, four at least: 0.8731 and 0.8734. */
export function showApart(a: number, b: number): readonly [string, string] {
  for (let digits = 4; digits < 17; digits++) {
    const pair = [a, b].map((value) => String(Number(value.toPrecision(digits)))) as [string, string];
    if (a === b || pair[0] !== pair[1]) return pair;
  }
  return [String(a), String(b)];
}
