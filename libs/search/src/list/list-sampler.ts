/** Given configurations in their order, then null: a comparison that a person has in mind, or configurations of elsewhere. */
import {
  didYouMean,
  domainContains,
  InputError,
  isActive,
  type Domain,
  type HyperparameterValue,
  type Space,
  type Values,
} from '@kinetune/study';
import { configurationKey } from '../configuration-key.ts';
import type { Sampler } from '../sampler.ts';

export interface ListOptions {
  /** A value for each active hyperparameter of the space, by full name. */
  readonly configurations: readonly Values[];
}

/** The sampler checks the whole list before its first suggestion: see `checkConfigurations`. */
export function createListSampler({ configurations }: ListOptions): Sampler {
  const checked = new WeakSet<Space>();
  return ({ space, index, accepts, given = {} }) => {
    if (!checked.has(space)) checkConfigurations(space, configurations, accepts);
    checked.add(space);
    const agreeing = configurations.filter((values) =>
      Object.entries(given).every(([name, value]) => values[name] === undefined || values[name] === value),
    );
    const values = agreeing[index];
    if (values === undefined) return null;
    const number = configurations.indexOf(values) + 1;
    const reason = `configuration ${number} of the ${configurations.length} that the study lists`;
    return { values, engine: 'list', engineVersion: 1, reason };
  };
}

/**
 * Whether each listed configuration is one of the space.
 * @throws InputError naming the first that is not, by its place in the list from 1, and what is wrong with it.
 */
export function checkConfigurations(
  space: Space,
  configurations: readonly Values[],
  accepts?: (values: Values) => boolean,
): void {
  const places = new Map<string, number>();
  configurations.forEach((values, at) => {
    const place = at + 1;
    const refuse = (problem: string): never => {
      throw new InputError('listed-configuration', `configuration ${place} of the list: ${problem}`);
    };
    const problem = problemOf(space, values);
    if (problem !== null) refuse(problem);
    if (accepts?.(values) === false) {
      const { constraints = [] } = space;
      refuse(`it does not satisfy the constraints ${constraints.join('; ')}`.trimEnd());
    }
    const key = configurationKey(values);
    const earlier = places.get(key);
    if (earlier !== undefined) {
      refuse(`it is configuration ${earlier} again: list it once, and ask for replicates to train it several times`);
    }
    places.set(key, place);
  });
}

function problemOf(space: Space, values: Values): string | null {
  const all: Record<string, HyperparameterValue> = {};
  for (const { name, value } of space.fixed) all[name] = value;
  const names = space.hyperparameters.map(({ name }) => name);
  for (const [name, value] of Object.entries(values)) {
    if (Object.hasOwn(all, name)) return `${name} is held at ${JSON.stringify(all[name])}: leave it out`;
    if (!names.includes(name)) return `${name} is no hyperparameter of the space.${didYouMean(name, names)}`;
    all[name] = value;
  }
  for (const { name, domain } of space.hyperparameters) {
    const value = values[name];
    if (!isActive(name, all)) {
      if (value !== undefined) return `${name} does not exist under its other values: leave it out`;
      continue;
    }
    if (value === undefined) return `expected a value for ${name}, found none`;
    if (!domainContains(domain, value)) {
      return `expected ${name} to be ${describeDomain(domain)}, got ${JSON.stringify(value)}`;
    }
  }
  return null;
}

function describeDomain(domain: Domain): string {
  if (domain.type === 'categorical')
    return `one of ${domain.choices.map((choice) => JSON.stringify(choice)).join(', ')}`;
  const step = domain.step === undefined ? '' : ` in steps of ${domain.step}`;
  return `${domain.type === 'int' ? 'a whole number' : 'a number'} from ${domain.minimum} to ${domain.maximum}${step}`;
}
