import { parseStudyFile, resolveValues } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { CATALOGUE_DEFAULT } from './resolve-space.ts';
import { resolveStudies, resolveStudy } from './resolve-study.ts';

const base = `name: one
goal: why
data: { dataset: synthetic }
model: cnn1d
space:
  learningRate: { type: float, minimum: 0.0001, maximum: 0.01, scale: log }
  layerCount: { type: int, minimum: 1, maximum: 4 }
  optimizer: { type: categorical, choices: [adamw, sgd] }
fixed:
  epochs: { value: 10, reason: short }
budget: { trials: 3 }
`;
const resolve = (text: string) => resolveStudy(parseStudyFile(text, 'one.yaml'), { file: 'one.yaml', text });

describe('resolveStudy', () => {
  it('knows kinds, and roles by the rules of thumb: optimizer nuisance, architecture and choices scientific', () => {
    const { space } = resolve(base);
    expect(space.hyperparameters.map(({ name, kind, role }) => [name, kind, role])).toEqual([
      ['learningRate', 'optimizer', 'nuisance'],
      ['layerCount', 'architecture', 'scientific'],
      ['optimizer', 'optimizer', 'scientific'],
    ]);
  });

  it('keeps a role that is stated', () => {
    const { space } = resolve(base.replace('scale: log }', 'scale: log, role: scientific }'));
    expect(space.hyperparameters[0]?.role).toBe('scientific');
  });

  it('holds everything unstated at its catalogue default and says so', () => {
    const { space } = resolve(base);
    expect(space.fixed.find(({ name }) => name === 'epochs')).toMatchObject({ value: 10, reason: 'short' });
    expect(space.fixed.find(({ name }) => name === 'batchSize')).toMatchObject({
      value: 128,
      reason: CATALOGUE_DEFAULT,
    });
    expect(space.fixed.some(({ name }) => name === 'learningRate')).toBe(false);
    const values = resolveValues(space, { learningRate: 0.001, layerCount: 2, optimizer: 'sgd' });
    expect(values).toMatchObject({ learningRate: 0.001, optimizer: 'sgd', epochs: 10, dropout: 0.5 });
  });

  it.each([
    [
      'learningRate:',
      'learningrate:',
      /one\.yaml:6: space\.learningrate: cnn1d has no hyperparameter learningrate\. Did you mean learningRate\?/,
    ],
    ['learningRate:', 'lr:', /It is called learningRate here/],
    ['learningRate:', 'patchSize:', /cnn1d has no hyperparameter patchSize/],
    ['maximum: 4', 'maximum: 400', /one\.yaml:7: space\.layerCount: it must be a whole number from 1 to 32, got 400/],
    ['type: int', 'type: float', /space\.layerCount: expected type int \(whole numbers only\), got type float/],
    ['[adamw, sgd]', '[adamw, lion]', /space\.optimizer: .*got "lion"/],
    ['value: 10', 'value: 0', /fixed\.epochs must be a whole number from 1/],
    ['model: cnn1d', 'model: cnn', /one\.yaml:4: model: expected one of .*Did you mean cnn1d\?/],
    ['scale: log }', 'scale: log, kind: architecture }', /learningRate: expected kind optimizer, got architecture/],
    [
      'budget:',
      'objective: { metric: validationF1, direction: maximise }\nbudget:',
      /expected one of validationLoss, .*validationMacroF1, got validationF1/,
    ],
    [
      'budget:',
      'objective: { metric: validationLoss, direction: maximise }\nbudget:',
      /validationLoss is to be minimised, got maximise/,
    ],
    [
      'budget:',
      "constraints: ['weightcount < 9']\nbudget:",
      /names weightcount, which nothing is called\. Did you mean weightCount\?/,
    ],
    [
      'budget:',
      "constraints: ['lr < 1']\nbudget:",
      /one\.yaml:\d+: constraints: .*names lr, .*It is called learningRate here/,
    ],
    [
      'budget:',
      'thresholds: { boundary: { edge: 1 } }\nbudget:',
      /a check of boundaries, .*got boundary\. Did you mean boundaries\?/,
    ],
    [
      'budget:',
      'thresholds: { boundaries: { neer: 1 } }\nbudget:',
      /thresholds\.boundaries: expected one of .*got neer\. Did you mean near\?/,
    ],
    [
      'budget:',
      'phase: exploit\npruner: { kind: percentile, watch: { metric: validationLos, direction: minimise } }\nbudget:',
      /pruner\.watch\.metric: expected one of .*Did you mean validationLoss\?/,
    ],
    [
      'budget:',
      'exploit: { trials: 2, pruner: { kind: percentile, watch: { metric: validationLoss, direction: maximise } } }\nbudget:',
      /exploit\.pruner\.watch\.direction: validationLoss is to be minimised, got maximise/,
    ],
    [
      'fixed:',
      '  batchSize: { type: categorical, choices: [64, 128], role: scientific }\nfixed:',
      /space\.batchSize: batchSize as a scientific hyperparameter needs .*a regulariser is not/,
    ],
    [
      'budget:',
      'studyGroup: optimizer\nconstraints: [\'optimizer == "sgd" || dropout < 1\']\nbudget:',
      /depends on optimizer of cnn1d, so that the studies of the group would have other configurations/,
    ],
  ])('%s -> %s is refused with file, line and what to do', (before, after, message) => {
    expect(() => resolve(base.replace(before, after))).toThrow(message);
  });

  it('takes folds, a second phase, a parent and thresholds', () => {
    const plan =
      'folds: all\nreplicates: 2\nfrom: zero\nexploit: { trials: 5, override: hurry }\nthresholds: { boundaries: {} }\n';
    expect(resolve(base + plan)).toMatchObject({
      folds: [0, 1, 2, 3, 4],
      replicates: 2,
      from: 'zero',
      exploit: { trials: 5, sampler: { kind: 'auto' }, pruner: { kind: 'none' }, override: 'hurry' },
      sampler: { kind: 'auto' },
      thresholds: { boundaries: {} },
    });
    expect(
      resolve(`${base.replace('synthetic }', 'synthetic, split: { kind: leave-one-subject-out } }')}folds: all\n`)
        .folds,
    ).toBe('all');
  });

  it('names the studies of a group for their choices, and numbers what is no name', () => {
    const names = (text: string) =>
      resolveStudies(parseStudyFile(text, 'one.yaml'), { file: 'one.yaml', text }).map(({ name }) => name);
    expect(names(`${base}studyGroup: optimizer\n`)).toEqual(['one.adamw', 'one.sgd']);
    const beta = base.replace(
      '[adamw, sgd] }',
      '[adamw, sgd] }\n  beta1: { type: categorical, choices: [0.9, 1e-3, 0] }',
    );
    expect(names(`${beta}studyGroup: beta1\n`)).toEqual(['one.choice-1', 'one.choice-2', 'one.choice-3']);
  });
});
