import { parseStudyFile, resolveValues } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { CATALOGUE_DEFAULT } from './resolve-space.ts';
import { resolveStudy } from './resolve-study.ts';

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
  ])('%s -> %s is refused with file, line and what to do', (before, after, message) => {
    expect(() => resolve(base.replace(before, after))).toThrow(message);
  });
});
