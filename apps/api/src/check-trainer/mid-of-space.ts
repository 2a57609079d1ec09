import { resolveValues, valueFromUnit, type HyperparameterValue, type Space } from '@kinetune/study';

/** A configuration in the middle of a space, as a trainer is given it. */
export function midOfSpace(space: Space): Readonly<Record<string, HyperparameterValue>> {
  const middle = space.hyperparameters.map(({ name, domain }) => [name, valueFromUnit(domain, 0.5)] as const);
  return resolveValues(space, Object.fromEntries<HyperparameterValue>(middle));
}
