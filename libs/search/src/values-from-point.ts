import { isActive, valueFromUnit, type HyperparameterValue, type Space, type Values } from '@kinetune/study';

/**
 * The active values at a point of the unit cube. Every hyperparameter owns one coordinate, by its position in the space, whether
 * it is active or not: the points of one branch of a conditional space are the sequence's points in its own coordinates.
 */
export function valuesFromPoint(space: Space, point: readonly number[]): Values {
  const all: Record<string, HyperparameterValue> = {};
  for (const { name, value } of space.fixed) all[name] = value;
  space.hyperparameters.forEach(({ name, domain }, dimension) => {
    all[name] = valueFromUnit(domain, point[dimension] as number);
  });
  // Parents may stand anywhere in the space.
  const active = space.hyperparameters.filter(({ name }) => isActive(name, all));
  return Object.fromEntries(active.map(({ name }) => [name, all[name] as HyperparameterValue]));
}
