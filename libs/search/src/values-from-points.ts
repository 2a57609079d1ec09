import {
  parseName,
  valueFromUnit,
  type Hyperparameter,
  type HyperparameterValue,
  type Space,
  type Values,
} from '@kinetune/study';

/**
 * The active values at points of the unit cube; `given` ones stand in place of their coordinates.
 *
 * Every hyperparameter owns one coordinate, whether it is active or not: the points of one branch of a conditional space are the
 * sequence's points in its own coordinates. They are owned in the order of the space, but for two kinds, as the first coordinates
 * of a sequence are the most even: numeric scientific ones come first, and last come choices that are given and what they exclude.
 */
export function valuesFromPoints(space: Space, given: Values = {}): (point: readonly number[]) => Values {
  const { hyperparameters, fixed } = space;
  const known: Record<string, HyperparameterValue> = {};
  for (const { name, value } of fixed) known[name] = value;
  Object.assign(known, given);
  const order = hyperparameters.toSorted((a, b) => coordinateClass(a, known) - coordinateClass(b, known));
  // Names are read once: a walk converts thousands of points.
  const parts = hyperparameters.map((hyperparameter) => ({
    ...hyperparameter,
    coordinate: order.indexOf(hyperparameter),
    conditions: parseName(hyperparameter.name).conditions,
  }));
  return (point) => {
    const all: Record<string, HyperparameterValue> = { ...known };
    for (const { name, domain, coordinate } of parts) {
      all[name] = given[name] ?? valueFromUnit(domain, point[coordinate] as number);
    }
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

function coordinateClass({ name, role, domain }: Hyperparameter, known: Values): 0 | 1 | 2 {
  const isExcluded = parseName(name).conditions.some(
    ({ parent, equals }) => known[parent] !== undefined && String(known[parent]) !== equals,
  );
  const isChoice = domain.type === 'categorical';
  // A given number keeps its coordinate: what is drawn beside it has to stay apart from the sequence that it came from.
  if (isExcluded || (isChoice && known[name] !== undefined)) return 2;
  return role === 'scientific' && !isChoice ? 0 : 1;
}
