import { readdirSync, readFileSync } from 'node:fs';
import { domainContains, unitFromValue, valueFromUnit } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { findFamily, modelFamilies, trainingHyperparameters, valueProblems, withDefaults } from './index.ts';

const shape = { windowLength: 128, channelCount: 6, classCount: 6 };
const lists = [
  ...modelFamilies.map(({ name, hyperparameters }) => ({ name, hyperparameters })),
  { name: 'training', hyperparameters: trainingHyperparameters },
];

describe.each(lists)('the hyperparameters of $name', ({ hyperparameters }) => {
  it('have defaults inside their domains', () => {
    const defaults = withDefaults(hyperparameters, {});
    expect(valueProblems(hyperparameters, defaults)).toEqual([]);
  });

  it('have search ranges inside their domains', () => {
    for (const { name, domain, search } of hyperparameters) {
      if (search === undefined || domain.type === 'text') continue;
      for (const unit of [0, 0.25, 0.5, 0.75, 0.999999]) {
        expect([name, domainContains(domain, valueFromUnit(search, unit))]).toEqual([name, true]);
      }
      expect(unitFromValue(search, valueFromUnit(search, 0.3))).toBeLessThan(1);
    }
  });

  it('have names of their own, in a family and with training', () => {
    const names = [...hyperparameters, ...(hyperparameters === trainingHyperparameters ? [] : trainingHyperparameters)];
    expect(new Set(names.map(({ name }) => name)).size).toBe(names.length);
  });

  it('are described in a sentence', () => {
    for (const { description } of hyperparameters) expect(description).toMatch(/^\S.{9,}\.$/);
  });
});

it('builds every family at its defaults on the windows of the example data', () => {
  for (const family of modelFamilies) expect(family.validate({}, shape)).toEqual([]);
});

it('maps every name of the original study to one of ours', () => {
  const ofFamily = (name: string) => [...findFamily(name).hyperparameters, ...trainingHyperparameters];
  const originals = (name: string) =>
    ofFamily(name).flatMap(({ originalName }) => originalName?.match(/\w+(?=$|,| \()/g) ?? []);
  expect(originals('vit1d')).toEqual(
    expect.arrayContaining([
      'patch_size',
      'dim',
      'depth',
      'heads',
      'dim_head',
      'mlp_dim',
      'dropout',
      'emb_dropout',
      'lr',
      'eps',
      'T_max',
      'eta_min',
    ]),
  );
  expect(originals('conv-transformer')).toEqual(expect.arrayContaining(['hidden_ch', 'hidden_dim', 'depth', 'heads']));
});

it('says what was expected and what came for each bad value', () => {
  const problems = valueProblems(trainingHyperparameters, {
    learningRate: -1,
    optimizer: 'adamax',
    epochs: 2.5,
    labelSmoothing: 'much',
  });
  expect(problems).toEqual([
    'optimizer must be one of "adam", "adamw", "sgd", "rmsprop", got "adamax"',
    'learningRate must be a number from 1e-8 to 10, got -1',
    'labelSmoothing must be a number from 0 to 0.99, got "much"',
    'epochs must be a whole number from 1 to 100000, got 2.5',
  ]);
});

it('names the families there are when asked for another', () => {
  expect(() => findFamily('lstm')).toThrow('the model must be one of cnn1d, vit1d, conv-transformer, got "lstm"');
});

it('needs no TensorFlow, so that a browser can load it', () => {
  for (const file of readdirSync(new URL('.', import.meta.url)).filter((name) => !name.endsWith('.test.ts'))) {
    const imports = [...readFileSync(new URL(file, import.meta.url), 'utf8').matchAll(/ from '([^']+)'/g)].map(
      ([, from]) => from,
    );
    for (const from of imports)
      expect([file, from]).toEqual([file, expect.stringMatching(/^(\.\/[\w-]+\.ts|@kinetune\/study)$/)]);
  }
});

it("counts a transformer's arithmetic as the formula for all tokens, less what the last block need not do", () => {
  const values = { patchSize: 8, embeddingSize: 64, blockCount: 3, headCount: 4, headSize: 64, mlpSize: 128 };
  const [S, P, D, L, I, M, K] = [17, 48, 64, 3, 256, 128, 6];
  const everyToken = 2 * ((S - 1) * P * D + L * S * (4 * D * I + 2 * D * M) + 2 * L * S * S * I + D * K);
  const lastBlock = 2 * (S - 1) * (2 * D * I + 2 * S * I + 2 * D * M);
  expect(findFamily('vit1d').floatingPointOperationsPerWindow(values, shape)).toBe(everyToken - lastBlock);
});

it('uses text for nothing but layers', () => {
  const texts = lists.flatMap(({ hyperparameters }) => hyperparameters.filter(({ domain }) => domain.type === 'text'));
  expect(texts.map(({ name }) => name)).toEqual(['layers']);
});
