import { parseName, valueFromUnit, type HyperparameterValue, type Space, type Values } from '@kinetune/study';

/**
 * The active values at a point of the unit cube. Every hyperparameter owns one coordinate, by its position in the space, whether
 * it is active or not: the points of one branch of a conditional space are the sequence's points in its own coordinates.
 */
export function valuesFromPoints({ hyperparameters, fixed }: Space): (point: readonly number[]) => Values {
  // Names are read once: a walk converts thousands of points.
  const parts = hyperparameters.map(({ name, domain }) => ({ name, domain, conditions: parseName(name).conditions }));
  return (point) => {
    const all: Record<string, HyperparameterValue> = {};
    for (const { name, value } of fixed) all[name] = value;
    parts.forEach(({ name, domain }, dimension) => {
      all[name] = valueFromUnit(domain, point[dimension] as number);
    });
    const active: Record<string, HyperparameterValue> = {};
    // Parents may stand anywhere in the space.
    for (const { name, conditions } of parts) {
      if (conditions.every(({ parent, equals }) => String(all[parent]) === equals)) {
        active[name] = all[name] as HyperparameterValue;
      }
    }
    return active;
  };
}
