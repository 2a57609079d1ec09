import type { Domain, Space } from '@kinetune/study';

/** A space of nuisance optimizer hyperparameters with these domains. */
export function spaceOf(domains: Readonly<Record<string, Domain>>): Space {
  return {
    version: 1,
    hyperparameters: Object.entries(domains).map(([name, domain]) => ({
      name,
      kind: 'optimizer',
      role: 'nuisance',
      domain,
    })),
    fixed: [],
  };
}

/** Two optimizers, each with its own hyperparameters, one of them with a nested choice: 2 + 3 (1 + 4) = 17 configurations. */
export const conditionalSpace = spaceOf({
  optimizer: { type: 'categorical', choices: ['sgd', 'adam'] },
  'optimizer=sgd/nesterov': { type: 'categorical', choices: [true, false] },
  'optimizer=adam/beta': { type: 'float', minimum: 0.1, maximum: 0.3, scale: 'linear', step: 0.1 },
  'optimizer=adam/schedule': { type: 'categorical', choices: ['constant', 'cosine'] },
  'optimizer=adam/schedule=cosine/periods': { type: 'int', minimum: 1, maximum: 8, scale: 'log', step: 2 },
});

/** Two continuous hyperparameters, a log-scaled integer and a choice with a continuous branch. */
export const mixedSpace = spaceOf({
  learningRate: { type: 'float', minimum: 1e-5, maximum: 1e-1, scale: 'log' },
  dropout: { type: 'float', minimum: 0, maximum: 0.5, scale: 'linear' },
  embeddingSize: { type: 'int', minimum: 16, maximum: 512, scale: 'log' },
  optimizer: { type: 'categorical', choices: ['sgd', 'adam'] },
  'optimizer=sgd/momentum': { type: 'float', minimum: 0.5, maximum: 0.99, scale: 'linear' },
});

/** Two scientific choices, one of them with a scientific choice in its branch, and what has to be tuned for each. */
export const scientificSpace = withScientific(
  spaceOf({
    learningRate: { type: 'float', minimum: 1e-5, maximum: 1e-1, scale: 'log' },
    model: { type: 'categorical', choices: ['cnn', 'vit', 'transformer'] },
    'optimizer=adam/schedule': { type: 'categorical', choices: ['constant', 'cosine'] },
    optimizer: { type: 'categorical', choices: ['sgd', 'adam'] },
    'optimizer=sgd/momentum': { type: 'float', minimum: 0.5, maximum: 0.99, scale: 'linear' },
    blockCount: { type: 'int', minimum: 1, maximum: 4, scale: 'linear' },
  }),
  ['model', 'optimizer', 'optimizer=adam/schedule'],
);

export function withScientific(space: Space, names: readonly string[]): Space {
  return {
    ...space,
    hyperparameters: space.hyperparameters.map((one) =>
      names.includes(one.name) ? { ...one, role: 'scientific' } : one,
    ),
  };
}
