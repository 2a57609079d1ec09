import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InputError } from './errors.ts';
import { parseStudyFile, studyFileJsonSchema } from './study-file.ts';

const valid = `name: small
goal: which rate?
data: { dataset: watch }
model: cnn1d
space:
  learningRate: { type: float, minimum: 0.001, maximum: 0.1, scale: log }
fixed:
  epochs: { value: 4, reason: short }
budget: { trials: 3 }
`;

/** What a person is told of `valid` with one piece replaced, or lines added. */
function refusal(from: string, to: string): { readonly code: string; readonly message: string } {
  const text = from === '' ? valid + to : valid.replace(from, to);
  expect(text).not.toBe(valid);
  try {
    parseStudyFile(text, 'my.yaml');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error;
  }
  throw new Error(`expected a refusal of\n${text}`);
}

describe('a study file', () => {
  it('is read with its defaults', () => {
    expect(parseStudyFile(valid, 'my.yaml')).toEqual({
      name: 'small',
      goal: 'which rate?',
      phase: 'explore',
      data: {
        dataset: 'watch',
        window: { length: 128, step: 64 },
        split: { kind: 'group-k-fold', folds: 5, fold: 0, seed: 0 },
      },
      model: 'cnn1d',
      objective: { metric: 'validationMacroF1', direction: 'maximise' },
      space: { learningRate: { type: 'float', minimum: 0.001, maximum: 0.1, scale: 'log' } },
      fixed: { epochs: { value: 4, reason: 'short' } },
      constraints: [],
      sampler: { kind: 'auto' },
      pruner: { kind: 'none' },
      budget: { trials: 3 },
      replicates: 1,
      thresholds: {},
      keepBest: 1,
      seed: 0,
    });
  });

  it('may have Windows line ends, a byte order mark, comments and a few aliases', () => {
    const text = `\uFEFF# a study\r\n${valid.replace(/\n/g, '\r\n')}`;
    expect(parseStudyFile(text, 'my.yaml').budget.trials).toBe(3);
    const aliased = valid
      .replace('learningRate: {', 'learningRate: &rate {')
      .replace('fixed:', '  finalRate: *rate\nfixed:');
    expect(Object.keys(parseStudyFile(aliased, 'my.yaml').space)).toEqual(['learningRate', 'finalRate']);
  });

  it.each([
    ['a wrong type', 'trials: 3', 'trials: 2.5', 'my.yaml:9: budget.trials: expected int'],
    ['a number for a name', 'name: small', 'name: 12', 'my.yaml:1: name: expected string, received number'],
    ['a missing field', 'goal: which rate?\n', '', 'my.yaml: goal: is missing: expected string'],
    ['an empty goal', 'goal: which rate?', "goal: '  '", 'my.yaml:2: goal: '],
    ['an unknown field', '', 'seeds: 1\n', 'my.yaml:10: seeds: unknown field. Did you mean seed?'],
    ['an unknown field further in', 'scale: log', 'skale: log', 'my.yaml:6: space.learningRate.skale: unknown field.'],
    ['an unknown data set', 'watch', 'wach', 'my.yaml:3: data.dataset: '],
    ['NaN', '0.001', '.nan', 'my.yaml:6: space.learningRate.minimum: expected number, received NaN'],
    ['infinity', '0.1,', '.inf,', 'my.yaml:6: space.learningRate.maximum: expected number, received Infinity'],
    [
      'an empty range',
      '0.001',
      '0.5',
      'my.yaml:6: space.learningRate.minimum: expected minimum <= maximum, got 0.5 > 0.1',
    ],
    [
      'a log scale from zero',
      '0.001',
      '0',
      'my.yaml:6: space.learningRate.minimum: a log scale needs a minimum above 0',
    ],
    ['a step on a log-scaled float', 'scale: log', 'scale: log, step: 0.01', 'my.yaml:6: space.learningRate.step: '],
    [
      'a range beyond numbers',
      'float, minimum: 0.001',
      'float, minimum: -1.7e+308, maximum: 1.7e+308 }\n  dropout: { type: float, minimum: 0.001',
      'my.yaml:6: space.learningRate.maximum: expected a range that a number can hold',
    ],
    ['a step beyond the range', 'scale: log', 'step: 7', 'my.yaml:6: space.learningRate.step: expected a step within'],
    ['a name that is none', 'learningRate:', '9lives:', 'my.yaml:6: space.9lives: expected a name like learningRate'],
    ['batch size in the space', 'learningRate:', 'batchSize:', 'batch size is not tuned for validation performance'],
    ['epochs in the space', 'learningRate:', 'epochs:', 'the number of epochs is never tuned inside a study'],
    ['batch size under the name of another language', 'learningRate:', 'batch_size:', 'batch size is not tuned'],
    ['batch size by its kind', 'scale: log', 'kind: batch', 'batch size is not tuned for validation performance'],
    ['the length of training under another name', 'learningRate:', 'max_epochs:', 'is never tuned inside a study'],
    ['the length of training by its kind', 'scale: log', 'kind: steps', 'is never tuned inside a study'],
    [
      'a choice of nothing',
      'float, minimum: 0.001, maximum: 0.1, scale: log',
      'categorical, choices: [a, null]',
      'my.yaml:6: space.learningRate.choices.1: expected a text, a number, true or false, got null',
    ],
    ['a fixed value without a reason', ', reason: short', '', 'my.yaml:8: fixed.epochs.reason: is missing'],
    ['a hyperparameter both searched and fixed', 'epochs:', 'learningRate:', 'keep one of the two'],
    [
      'a test metric as the objective',
      '',
      'objective: { metric: testAccuracy, direction: maximise }\n',
      'my.yaml:10: objective.metric: expected a validation metric',
    ],
    ['a seed too large', '', 'seed: 4294967296\n', 'my.yaml:10: seed: '],
    ['no budget', 'trials: 3', 'trials: 0', 'my.yaml:9: budget.trials: '],
    [
      'a fold that does not exist',
      'watch }',
      'watch, split: { kind: group-k-fold, folds: 5, fold: 5 } }',
      'my.yaml:3: data.split.fold: expected a fold from 0 to 4, got 5',
    ],
    [
      'a person on two sides',
      'watch }',
      "watch, split: { kind: fixed, train: ['1', '2'], validation: ['3'], test: ['2'] } }",
      'my.yaml:3: data.split.test: person 2 is in train already',
    ],
    [
      'shares that leave nothing',
      'watch }',
      'watch, split: { kind: random-windows, validationShare: 0.5, testShare: 0.5 } }',
      'my.yaml:3: data.split.testShare: ',
    ],
    [
      'options of a CSV for another data set',
      'watch }',
      'watch, csv: { label: what } }',
      'my.yaml:3: data.csv: belongs to the data set csv, and the data set is watch',
    ],
    [
      'options of synthetic recordings for real ones',
      'watch }',
      'watch, synthetic: { people: 4 } }',
      'my.yaml:3: data.synthetic: belongs to',
    ],
    [
      'a fixed value without its braces',
      'epochs: { value: 4, reason: short }',
      'epochs: 4',
      'my.yaml:8: fixed.epochs: expected { value: ..., reason: why it is held }, got 4',
    ],
    ['a name with a slash', 'name: small', 'name: ../up', 'my.yaml:1: name: expected lower case letters'],
    ['csv without a path', 'watch', 'csv', 'my.yaml:3: data.path: a csv data set needs the path'],
    [
      'a branch of a parent that is not there',
      'learningRate:',
      'optimizer=adam/learningRate:',
      'expected a categorical hyperparameter `optimizer`',
    ],
  ])('is refused by file, line and field for %s', (_, from, to, message) => {
    const refused = refusal(from, to);
    expect(refused.code).toBe('study-file-invalid');
    expect(refused.message).toContain(message);
    expect(refused.message).toMatch(/^my\.yaml(:\d+)?: /);
  });

  it('takes people by name, also where YAML reads the name as a number', () => {
    const fixed = 'watch, split: { kind: fixed, train: [1, two], validation: [3], test: [4] } }';
    expect(parseStudyFile(valid.replace('watch }', fixed), 'my.yaml').data?.split).toEqual({
      kind: 'fixed',
      train: ['1', 'two'],
      validation: ['3'],
      test: ['4'],
    });
    expect(refusal('watch }', fixed.replace('[4]', '[1]')).message).toContain('person 1 is in train already');
  });

  it('lists everything that is wrong, each at its line', () => {
    const { message } = refusal('name: small\ngoal: which rate?', 'name: A B\ngoal: 7');
    expect(message.split('\n').map((line) => line.trim())).toEqual([
      expect.stringMatching(/^my\.yaml:1: name: /),
      'my.yaml:2: goal: expected string, received number',
    ]);
  });

  it.each([
    ['a mark that is not closed', 'name: small', 'name: [small', 'my.yaml:2: not valid YAML: Flow sequence'],
    ['tabs', '  learningRate', '\tlearningRate', 'my.yaml:6: not valid YAML: Tabs'],
    ['a field twice', '', 'budget: { trials: 4 }\n', 'my.yaml:10: not valid YAML: Map keys must be unique'],
    ['a second document', '', `---\n${valid}`, 'my.yaml:10: not valid YAML: Source contains multiple documents'],
    [
      'a tag that would make an object',
      'which rate?',
      '!!js/function "x"',
      'my.yaml:2: not valid YAML: Unresolved tag',
    ],
    ['a list as a key', '', '? [a, b]\n: 1\n', 'my.yaml:10: not valid YAML: '],
    ['an alias of nothing', 'which rate?', '*nobody', 'not valid YAML: Unresolved alias'],
  ])('is refused as YAML for %s', (_, from, to, message) => {
    const refused = refusal(from, to);
    expect(refused.code).toBe('study-file-syntax');
    expect(refused.message).toContain(message);
  });

  it('is refused when its aliases would unfold to millions of values', () => {
    const nested = 'bcdefghi'
      .split('')
      .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join()}]`);
    expect(refusal('', `a: &a [x]\n${nested.join('\n')}\n`).message).toContain('Excessive alias count');
  });

  it('is refused when it nests without end', () => {
    expect(() => parseStudyFile('['.repeat(50_000), 'my.yaml')).toThrow(InputError);
  });

  it.each([
    ['', 'empty'],
    ['# nothing\n', 'empty'],
    ['hello', 'received string'],
    ['- a\n', 'received array'],
  ])('is refused when it is %j', (text, message) => {
    expect(() => parseStudyFile(text, 'my.yaml')).toThrow(message);
  });

  it('refuses names that JavaScript objects have of themselves', () => {
    for (const name of ['constructor', 'optimizer=adam/toString', 'valueOf=a/learningRate'])
      expect(refusal('learningRate:', `${name}:`).message).toContain(
        `space.${name}: expected another name, which JavaScript does not use itself`,
      );
    expect(refusal('space:', 'space:\n  __proto__: { type: float, minimum: 0, maximum: 1 }').message).toContain(
      'space: expected another name than "__proto__"',
    );
  });

  it('refuses text that a database cannot keep, wherever it stands', () => {
    for (const escape of ['\\0', '\\ud800'])
      for (const [from, to, place] of [
        ['which rate?', `"which${escape}"`, 'goal: expected text'],
        ['reason: short', `reason: "short${escape}"`, 'fixed.epochs.reason: expected text'],
        ['type: float', `"type${escape}": float`, 'space.learningRate: expected another name'],
      ] as const)
        expect(refusal(from, to).message).toContain(place);
  });

  it('has branches whose parents and choices exist', () => {
    const branch = (equals: string, choices = '[sgd, adam]'): string =>
      valid.replace(
        '  learningRate:',
        `  optimizer: { type: categorical, choices: ${choices} }\n  optimizer=${equals}/learningRate:`,
      );
    expect(Object.keys(parseStudyFile(branch('adam'), 'my.yaml').space)).toEqual([
      'optimizer',
      'optimizer=adam/learningRate',
    ]);
    expect(() => parseStudyFile(branch('lion'), 'my.yaml')).toThrow(
      /my\.yaml:7: .*has the choices sgd, adam, not lion/,
    );
    // As text, which a branch names its choice by, true and 'true' are one.
    expect(() => parseStudyFile(branch('true', "[true, 'true']"), 'my.yaml')).toThrow(/my\.yaml:6: .*distinct values/);
  });

  it('that ships is valid', () => {
    const folder = new URL('../../../studies/', import.meta.url);
    const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) parseStudyFile(readFileSync(new URL(file, folder), 'utf8'), file);
  });

  it('has the JSON schema that is committed: write it anew by node libs/study/scripts/write-schema.ts', () => {
    const committed = readFileSync(new URL('../../../studies/study.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(committed)).toEqual(JSON.parse(JSON.stringify(studyFileJsonSchema())));
  });
});
