/** Filters that lists of trials and of configurations have in common. */
import type { HyperparameterFilter } from '@kinetune/storage';
import type { HyperparameterValue } from '@kinetune/study';
import { builder } from './builder.ts';

export const NumberRangeInput = builder.inputType('NumberRange', {
  description: 'Both ends included; an end that is left out is open.',
  fields: (t) => ({
    minimum: t.float({ description: 'The smallest value that matches.' }),
    maximum: t.float({ description: 'The largest value that matches.' }),
  }),
});

export const HyperparameterFilterInput = builder.inputType('HyperparameterFilter', {
  description: 'Those that have the hyperparameter, with a value in the range or among the given ones.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Full name: `optimizer=adam/learningRate`.' }),
    range: t.field({ type: NumberRangeInput, description: 'For numeric ones.' }),
    anyOf: t.field({ type: ['JSON'], description: 'Values that match: text, numbers or booleans.' }),
  }),
});

/** What a client leaves out and what it sends as null mean the same. */
export function rangeOf({ minimum, maximum }: typeof NumberRangeInput.$inferInput): {
  readonly minimum?: number;
  readonly maximum?: number;
} {
  return {
    ...(typeof minimum === 'number' ? { minimum } : {}),
    ...(typeof maximum === 'number' ? { maximum } : {}),
  };
}

export function hyperparameterFiltersOf(
  inputs: readonly (typeof HyperparameterFilterInput.$inferInput)[],
): readonly HyperparameterFilter[] {
  return inputs.map(({ name, range, anyOf }) => ({
    name,
    ...rangeOf(range ?? {}),
    ...(anyOf ? { anyOf: anyOf as readonly HyperparameterValue[] } : {}),
  }));
}
