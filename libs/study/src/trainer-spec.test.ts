import { describe, expect, it } from 'vitest';
import { parseStudyFile } from './study-file.ts';

const valid = `name: own
goal: which rate?
trainer:
  command: [python3, train.py, --folds, 5]
  metrics: [{ name: loss, direction: minimise }, { name: trainLoss, direction: minimise, split: train }]
objective: { metric: loss, direction: minimise }
space:
  rate: { type: float, minimum: 0.001, maximum: 0.1, scale: log }
budget: { trials: 3 }
`;
const read = (from: string, to: string) => {
  expect(valid).toContain(from);
  return parseStudyFile(valid.replace(from, to), 'my.yaml');
};

describe('a study whose trainer is a command', () => {
  it('needs neither model nor data, and its numbers are words', () => {
    const { trainer, model, data } = parseStudyFile(valid, 'my.yaml');
    expect(trainer).toEqual({
      command: ['python3', 'train.py', '--folds', '5'],
      metrics: [
        { name: 'loss', direction: 'minimise', split: 'validation' },
        { name: 'trainLoss', direction: 'minimise', split: 'train' },
      ],
    });
    expect([model, data]).toEqual([undefined, undefined]);
  });

  it.each([
    ['[python3, train.py, --folds, 5]', 'python3 train.py', 'my.yaml:4: trainer.command: expected a list of words'],
    ['[python3, train.py, --folds, 5]', '[]', 'my.yaml:4: trainer.command: expected at least the program'],
    ['name: trainLoss', 'name: loss', 'expected distinct metrics, got loss twice'],
    [
      'name: loss, direction: minimise }',
      'name: loss, direction: minimise, split: train }',
      'expected at least one metric of the split validation',
    ],
    ['name: loss', 'name: 1 loss', 'expected a letter, then letters, digits'],
    ['direction: minimise }', 'direction: down }', 'expected one of maximise, minimise, got down'],
    ['budget', 'folds: [0]\nbudget', 'folds: expected `data` whose people are dealt into folds, found none'],
    [
      valid.slice(valid.indexOf('trainer:'), valid.indexOf('objective:')),
      '',
      'data: is missing: expected the data set',
    ],
    [
      valid.slice(valid.indexOf('trainer:'), valid.indexOf('objective:')),
      'trainer: builtin\n',
      'trainer: expected one of built-in, ask, got builtin. Did you mean built-in?',
    ],
  ])('is refused by file, line and field: %s -> %s', (from, to, message) => {
    expect(() => read(from, to)).toThrow(message);
  });
});

describe('a study whose configurations are asked for', () => {
  const asked = (trainer: string): string =>
    valid.slice(0, valid.indexOf('trainer:')) + `trainer: ${trainer}\n` + valid.slice(valid.indexOf('objective:'));

  it('declares its metrics, or has its objective alone', () => {
    expect(parseStudyFile(asked('ask'), 'my.yaml').trainer).toBe('ask');
    const { trainer } = parseStudyFile(
      asked('{ ask: true, metrics: [{ name: loss, direction: minimise }] }'),
      'my.yaml',
    );
    expect(trainer).toEqual({ ask: true, metrics: [{ name: 'loss', direction: 'minimise', split: 'validation' }] });
  });

  it.each([
    ['{ ask: true }', 'my.yaml:3: trainer.metrics: is missing'],
    ['{ ask: true, metrics: [{ name: 1 loss, direction: minimise }] }', 'trainer.metrics.0.name: expected a letter'],
    ['{ ask: true, metrics: [{ name: l, direction: minimise, split: train }] }', 'at least one metric of the split'],
    ['ask\ndata: { dataset: watch, window: { length: 128, step: 64 } }', 'data: is not used: expected none'],
  ])('is refused where it cannot be: %s', (trainer, message) => {
    expect(() => parseStudyFile(asked(trainer), 'my.yaml')).toThrow(message);
    expect(() => parseStudyFile(asked(trainer), 'my.yaml')).not.toThrow('command');
  });
});
