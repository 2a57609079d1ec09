import { InputError } from '@kinetune/study';

/** @throws InputError naming the option, what was expected and what came. */
export function checkOption(
  name: string,
  value: number,
  rule: { readonly isValid: boolean; readonly expected: string },
): void {
  if (Number.isFinite(value) && rule.isValid) return;
  throw new InputError('pruner-option', `expected ${name} to be ${rule.expected}, got ${value}`);
}

/** A tenth of the training, in whole units: many questions are answered at about a tenth of its length (practice 89). */
export function tenthOf(total: number): number {
  return Math.max(1, Math.round(total / 10));
}

/** @throws InputError naming the option, what may be chosen and what came. */
export function checkChoice(name: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new InputError('pruner-option', `expected ${name} to be one of ${choices.join(', ')}, got ${value}`);
}
