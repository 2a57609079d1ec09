/** From a flat configuration to every hyperparameter of a family and of training, checked by name, type and range. */
import { didYouMean, InputError, type Values } from '@kinetune/study';
import type { HyperparameterDefinition, HyperparameterValues, ModelFamily } from '../catalogue/definition.ts';
import { trainingHyperparameters } from '../catalogue/training-hyperparameters.ts';
import { valueProblems, withDefaults } from '../catalogue/values.ts';

/**
 * Every hyperparameter, defaults filled in.
 * @throws InputError `invalid-configuration` listing each unknown name, with the nearest known one, and each value out of range.
 */
export function resolveConfiguration(family: ModelFamily, configuration: HyperparameterValues): Values {
  const definitions = [...family.hyperparameters, ...trainingHyperparameters];
  const known = new Set(definitions.map(({ name }) => name));
  const problems = Object.keys(configuration)
    .filter((name) => !known.has(name))
    .map((name) => `${family.name} has no hyperparameter "${name}".${suggestion(name, definitions)}`);
  problems.push(...valueProblems(definitions, configuration));
  if (problems.length > 0) throw new InputError('invalid-configuration', problems.join('; '));
  return withDefaults(definitions, configuration);
}

function suggestion(name: string, definitions: readonly HyperparameterDefinition[]): string {
  const original = definitions.find(({ originalName }) => originalName === name);
  if (original !== undefined) return ` The original study's ${name} is called ${original.name} here.`;
  return didYouMean(
    name,
    definitions.map((definition) => definition.name),
  );
}
