import { domainContains, type Domain, type HyperparameterValue } from '@kinetune/study';
import type { HyperparameterDefinition, HyperparameterValues, ModelShape, TextDomain } from './definition.ts';

/** The values of the definitions, defaults filled in. Types and ranges are `valueProblems`' business. */
export function withDefaults(
  definitions: readonly HyperparameterDefinition[],
  values: HyperparameterValues,
): Record<string, HyperparameterValue> {
  return Object.fromEntries(definitions.map(({ name, default: fallback }) => [name, values[name] ?? fallback]));
}

/** A sentence for each value outside its domain: what was expected, what came. */
export function valueProblems(
  definitions: readonly HyperparameterDefinition[],
  values: HyperparameterValues,
): readonly string[] {
  return definitions.flatMap(({ name, domain }) => {
    const value = values[name];
    if (value === undefined || isIn(domain, value)) return [];
    return [`${name} must be ${domainText(domain)}, got ${JSON.stringify(value)}`];
  });
}

/** A sentence for each part of a shape that is not a positive whole number. */
export function shapeProblems(shape: ModelShape): readonly string[] {
  return Object.entries(shape).flatMap(([name, value]: [string, number]) =>
    Number.isInteger(value) && value > 0 ? [] : [`${name} must be a positive whole number, got ${value}`],
  );
}

function isIn(domain: Domain | TextDomain, value: HyperparameterValue): boolean {
  if (domain.type === 'text') return typeof value === 'string' && new RegExp(`^(?:${domain.pattern})$`).test(value);
  if (domain.type === 'categorical') return domainContains(domain, value);
  return typeof value === 'number' && domainContains(domain, value);
}

function domainText(domain: Domain | TextDomain): string {
  if (domain.type === 'text') return `text like "${domain.example}"`;
  if (domain.type === 'categorical')
    return `one of ${domain.choices.map((choice) => JSON.stringify(choice)).join(', ')}`;
  const number = domain.type === 'int' ? 'a whole number' : 'a number';
  return `${number} from ${domain.minimum} to ${domain.maximum}`;
}
