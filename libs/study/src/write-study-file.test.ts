import { expect, it } from 'vitest';
import { parseStudyFile } from './study-file.ts';
import { writeStudyFile } from './write-study-file.ts';

it('a study file that is written reads back as the same study, a hyperparameter a line', () => {
  const content = {
    name: 'small-exploit',
    goal: 'Which rate: small, or "large"? # really',
    phase: 'exploit' as const,
    data: { dataset: 'watch' as const, split: { kind: 'group-k-fold' as const, folds: 5 } },
    model: 'cnn1d',
    space: {
      learningRate: { type: 'float' as const, minimum: 1e-5, maximum: 0.1, scale: 'log' as const },
      optimizer: { type: 'categorical' as const, choices: ['adamw', 'sgd', 'yes', '3'] },
      'optimizer=sgd/momentum': { type: 'float' as const, minimum: 0, maximum: 0.99 },
    },
    fixed: { epochs: { value: 25, reason: "no: that's enough" } },
    constraints: ['weightCount <= 300000', 'padding == "same"'],
    budget: { trials: 30 },
    from: 'small',
    folds: [0, 1],
  };
  const text = writeStudyFile(content, { comment: ['First line.', 'Second.'] });
  expect(text).toMatch(/^# First line.\n# Second.\n\nname: small-exploit\n/);
  expect(text).toContain('  optimizer=sgd/momentum: { type: float, minimum: 0, maximum: 0.99 }\n');
  expect(text).toContain('budget: { trials: 30 }\n');
  const read = parseStudyFile(text, 'written.yaml');
  expect(read).toMatchObject(content);
  expect(writeStudyFile(read)).toEqual(writeStudyFile(parseStudyFile(writeStudyFile(read), 'again.yaml')));
});
