/** Counting and numbering the configurations of a space, conditional branches included. */
import {
  domainValues,
  isActive,
  parseName,
  valueCount,
  valueFromUnit,
  type Hyperparameter,
  type HyperparameterValue,
  type Space,
  type Values,
} from '@kinetune/study';

export interface FiniteSpace {
  /** Infinity where a hyperparameter is continuous. */
  readonly count: number;
  /** The configuration of a number below `count`, its names in the order of the space. */
  at(cell: number): Values;
}

/** How many configurations a space holds; Infinity where a hyperparameter is continuous. */
export function countConfigurations(space: Space): number {
  return finiteSpace(space).count;
}

export function finiteSpace(space: Space): FiniteSpace {
  const together = numberTogether(roots(space), space);
  return {
    count: together.count,
    at(cell) {
      const chosen: Record<string, HyperparameterValue> = {};
      together.choose(cell, chosen);
      const values: Record<string, HyperparameterValue> = {};
      for (const { name } of space.hyperparameters) {
        const value = chosen[name];
        if (value !== undefined) values[name] = value;
      }
      return values;
    },
  };
}

interface Numbering {
  readonly count: number;
  /** Writes the values of combination `cell` into `chosen`. */
  choose(cell: number, chosen: Record<string, HyperparameterValue>): void;
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

/** Every combination of hyperparameters: a number a hyperparameter, mixed radix. */
function numberTogether(hyperparameters: readonly Hyperparameter[], space: Space): Numbering {
  const each = hyperparameters.map((hyperparameter) => numberOne(hyperparameter, space));
  return {
    count: each.reduce((product, { count }) => product * count, 1),
    choose(cell, chosen) {
      let rest = cell;
      for (const { count, choose } of each) {
        choose(rest % count, chosen);
        rest = Math.floor(rest / count);
      }
    },
  };
}

/** The values of one hyperparameter, a choice as often as there are combinations in its branch. */
function numberOne({ name, domain }: Hyperparameter, space: Space): Numbering {
  if (domain.type !== 'categorical') {
    const count = valueCount(domain);
    let values: readonly HyperparameterValue[] | undefined;
    return {
      count,
      choose(cell, chosen) {
        // A float of one value has no step to round it to.
        values ??= count === 1 ? [valueFromUnit(domain, 0)] : domainValues(domain);
        chosen[name] = values[cell] as HyperparameterValue;
      },
    };
  }
  const branches = domain.choices.map((choice) => numberTogether(children(space, name, choice), space));
  return {
    count: branches.reduce((sum, { count }) => sum + count, 0),
    choose(cell, chosen) {
      let rest = cell;
      for (const [i, { count, choose }] of branches.entries()) {
        if (rest < count) {
          chosen[name] = domain.choices[i] as HyperparameterValue;
          choose(rest, chosen);
          return;
        }
        rest -= count;
      }
    },
  };
}
