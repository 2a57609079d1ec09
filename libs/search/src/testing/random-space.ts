/** Spaces of any shape: floats, integers and choices, steps, log scales, branches in branches. */
import { createRng, type Domain, type Hyperparameter, type Rng, type Space } from '@kinetune/study';

/** Space `number` of a fixed series; up to ten hyperparameters, a third of them scientific. */
export function randomSpace(number: number): Space {
  const rng = createRng('random space', number);
  const hyperparameters: Hyperparameter[] = [];
  const add = (prefix: string, depth: number): void => {
    const count = depth === 0 ? 1 + rng.integer(4) : 1 + rng.integer(2);
    for (let i = 0; i < count && hyperparameters.length < 10; i++) {
      const name = `${prefix}h${hyperparameters.length}`;
      const domain = randomDomain(rng);
      const role = rng.next() < 1 / 3 ? 'scientific' : 'nuisance';
      hyperparameters.push({ name, kind: 'optimizer', role, domain });
      if (domain.type !== 'categorical' || depth === 2) continue;
      for (const choice of domain.choices) if (rng.next() < 0.5) add(`${name}=${String(choice)}/`, depth + 1);
    }
  };
  add('', 0);
  // Children may stand before their parents.
  return { version: 1, hyperparameters: number % 2 === 0 ? hyperparameters : hyperparameters.toReversed(), fixed: [] };
}

function randomDomain(rng: Rng): Domain {
  const minimum = 1 + rng.integer(4);
  switch (rng.integer(6)) {
    case 0:
      return { type: 'float', minimum: -minimum, maximum: minimum, scale: 'linear' };
    case 1:
      return { type: 'float', minimum: minimum * 1e-6, maximum: minimum, scale: 'log' };
    case 2:
      return { type: 'float', minimum: 0, maximum: 0.1 * minimum, scale: 'linear', step: 0.1 };
    case 3:
      return { type: 'int', minimum, maximum: minimum + rng.integer(300), scale: 'log' };
    case 4:
      return { type: 'int', minimum, maximum: minimum + 4 * rng.integer(4), scale: 'linear', step: 4 };
    default:
      return {
        type: 'categorical',
        choices: [['a', 'b', 'c'], [true, false], [4, 8, 16, 32], ['only']][rng.integer(4)] ?? [],
      };
  }
}
