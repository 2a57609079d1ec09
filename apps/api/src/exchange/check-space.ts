/** What the types of a space do not say, where nobody wrote it as a study file: names, parents, ranges, constraints. */
import { InputError, parseConstraint, parseName, type Domain, type Space } from '@kinetune/study';

/** As in a study file (`libs/study`). */
const NAME = /^(?:[A-Za-z]\w*=[^/=]+\/)*[A-Za-z]\w*$/;

/** Calls `refuse` with what was expected and what came. */
export function checkSpace({ hyperparameters, fixed, constraints }: Space, refuse: (what: string) => never): void {
  const names = [...hyperparameters, ...fixed].map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    if (!NAME.test(name) || name in {}) refuse(`expected the name of a hyperparameter, got ${JSON.stringify(name)}`);
    if (names.indexOf(name) !== index) refuse(`expected each hyperparameter once, got ${name} twice`);
  }
  const domains = new Map(hyperparameters.map(({ name, domain }) => [name, domain]));
  for (const { name, domain } of hyperparameters) {
    for (const { parent, equals } of parseName(name).conditions) {
      const choices = domains.get(parent);
      if (choices?.type !== 'categorical' || !choices.choices.map(String).includes(equals))
        refuse(`${name}: expected a categorical hyperparameter ${parent} with the choice ${equals}, got none`);
    }
    const problem = domainProblem(domain);
    if (problem !== undefined) refuse(`${name}: ${problem}`);
  }
  for (const text of constraints ?? []) {
    try {
      parseConstraint(text);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refuse(error.message);
    }
  }
}

function domainProblem(domain: Domain): string | undefined {
  if (domain.type === 'categorical') {
    const isDistinct = new Set(domain.choices.map(String)).size === domain.choices.length;
    return isDistinct ? undefined : 'expected distinct choices, got one twice';
  }
  const { type, minimum, maximum, scale, step } = domain;
  if (minimum > maximum) return `expected a minimum of at most ${maximum}, got ${minimum}`;
  if (scale === 'log' && minimum <= 0) return `expected a minimum above 0 on a log scale, got ${minimum}`;
  const isWhole = [minimum, maximum, step ?? 1].every(Number.isInteger);
  return type === 'int' && !isWhole ? `expected whole numbers, got ${minimum} to ${maximum}` : undefined;
}
