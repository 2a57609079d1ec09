import { InputError } from '@kinetune/study';

/** `value` if it lies in [minimum, below); throws an `InputError` that names the hyperparameter otherwise. */
export function inRange(name: string, value: number, minimum: number, below: number): number {
  if (value >= minimum && value < below) return value;
  throw new InputError('optimizer', `${name} must be in [${minimum}, ${below}), got ${value}`);
}
