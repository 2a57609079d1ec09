/** Counting and numbering the configurations of a space, conditional branches included. */
import {
  isActive,
  parseName,
  valueCount,
  valueFromUnit,
  type Hyperparameter,
  type HyperparameterValue,
  type Space,
  type Values,
} from '@kinetune/study';

/** How many configurations a space holds; Infinity where a hyperparameter is continuous. */
export function countConfigurations(space: Space): number {
  return countTogether(roots(space), space);
}

/** Configuration `cell` of countConfigurations(space), with its names in the order of the space. */
export function configurationAt(space: Space, cell: number): Values {
  const chosen: Record<string, HyperparameterValue> = {};
  chooseTogether(roots(space), cell, { space, chosen });
  const active = space.hyperparameters.filter(({ name }) => Object.hasOwn(chosen, name));
  return Object.fromEntries(active.map(({ name }) => [name, chosen[name] as HyperparameterValue]));
}

/** Hyperparameters that no other of the space decides on. */
function roots(space: Space): readonly Hyperparameter[] {
  const fixed: Record<string, HyperparameterValue> = {};
  for (const { name, value } of space.fixed) fixed[name] = value;
  const varied = new Set(space.hyperparameters.map(({ name }) => name));
  return space.hyperparameters.filter(({ name }) => {
    const { conditions } = parseName(name);
    return !conditions.some(({ parent }) => varied.has(parent)) && isActive(name, fixed);
  });
}

/** Hyperparameters that exist when `parent` has the value, the nearest ones alone. */
function children(space: Space, parent: string, value: HyperparameterValue): readonly Hyperparameter[] {
  return space.hyperparameters.filter(({ name }) => {
    const nearest = parseName(name).conditions.at(-1);
    return nearest?.parent === parent && nearest.equals === String(value);
  });
}

function countTogether(hyperparameters: readonly Hyperparameter[], space: Space): number {
  return hyperparameters.reduce((product, hyperparameter) => product * countOne(hyperparameter, space), 1);
}

function countOne({ name, domain }: Hyperparameter, space: Space): number {
  if (domain.type !== 'categorical') return valueCount(domain);
  return domain.choices.reduce<number>((sum, choice) => sum + countTogether(children(space, name, choice), space), 0);
}

interface Choosing {
  readonly space: Space;
  readonly chosen: Record<string, HyperparameterValue>;
}

/** Splits `cell` into one number a hyperparameter, mixed radix. */
function chooseTogether(hyperparameters: readonly Hyperparameter[], cell: number, choosing: Choosing): void {
  let rest = cell;
  for (const hyperparameter of hyperparameters) {
    const count = countOne(hyperparameter, choosing.space);
    chooseOne(hyperparameter, rest % count, choosing);
    rest = Math.floor(rest / count);
  }
}

function chooseOne({ name, domain }: Hyperparameter, cell: number, choosing: Choosing): void {
  const { space, chosen } = choosing;
  if (domain.type !== 'categorical') {
    // The linear scale cuts the unit interval into equal cells, one a value, whatever the domain's own scale.
    chosen[name] = valueFromUnit({ ...domain, scale: 'linear' }, (cell + 0.5) / valueCount(domain));
    return;
  }
  let rest = cell;
  for (const choice of domain.choices) {
    const below = children(space, name, choice);
    const count = countTogether(below, space);
    if (rest < count) {
      chosen[name] = choice;
      chooseTogether(below, rest, choosing);
      return;
    }
    rest -= count;
  }
}
