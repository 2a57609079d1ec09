import { describe, expect, it } from 'vitest';
import { parseStudyFile, type StudyFile } from './study-file.ts';

const valid = `name: small
goal: which rate?
data: { dataset: watch }
model: cnn1d
space:
  learningRate: { type: float, minimum: 0.001, maximum: 0.1, scale: log }
  schedule: { type: categorical, choices: [constant, cosine] }
  schedule=cosine/finalLearningRate: { type: float, minimum: 0.00001, maximum: 0.001, scale: log }
fixed:
  epochs: { value: 4, reason: short }
budget: { trials: 3 }
`;
const read = (added: string, from = '', to = ''): StudyFile =>
  parseStudyFile(`${valid.replace(from, to)}${added}\n`, 'my.yaml');

describe('how a study is searched', () => {
  it('is read with a sampler and a pruner by name or with options', () => {
    const phased = read('sampler: { kind: tpe, startupTrials: 8 }\nphase: exploit\npruner: successive-halving');
    expect(phased).toMatchObject({
      sampler: { kind: 'tpe', startupTrials: 8 },
      pruner: { kind: 'successive-halving' },
    });
    expect(read('sampler: grid').sampler).toEqual({ kind: 'grid', levels: 5 });
    expect(read('exploit: { trials: 9, pruner: percentile }').exploit).toEqual({
      trials: 9,
      sampler: { kind: 'auto' },
      pruner: { kind: 'percentile' },
    });
  });

  it.each([
    ['pruner: percentile', 'my.yaml:12: pruner: pruners are off while exploring (practice 98)'],
    ['pruner: percentile', 'got percentile: set `phase: exploit`'],
    ['pruner: patience\nexploit: { trials: 4 }', 'move it to `exploit.pruner`'],
    ['phase: exploit\nexploit: { trials: 4 }', 'my.yaml:13: exploit: a study whose phase is exploit has no second'],
    ['from: small', 'my.yaml:12: from: expected an earlier study, got small, which is this one'],
    ['folds: [0, 1, 0]', 'my.yaml:12: folds.2: expected distinct folds, got 0 twice'],
    ['folds: [0, 5]', 'my.yaml:12: folds.1: expected folds from 0 to 4, got 5'],
    ['folds: al', 'my.yaml:12: folds: expected all, got al. Did you mean all?'],
    ['folds: []', 'my.yaml:12: folds: '],
    ['replicates: 0', 'my.yaml:12: replicates: '],
    [
      'constraints: [weightCount <=]',
      'constraints.0: constraint `weightCount <=`: expected a value or a name, got the end',
    ],
    [
      'sampler: tpee',
      'my.yaml:12: sampler: expected one of auto, halton, sobol, random, grid, tpe, gp, got tpee. Did you mean tpe?',
    ],
    ['sampler: { kind: hyper }', 'my.yaml:12: sampler.kind: expected one of auto, halton'],
    ['sampler: { kind: grid, level: 3 }', 'my.yaml:12: sampler.level: unknown field. Did you mean levels?'],
    ['sampler: { kind: list }', 'my.yaml:12: sampler.configurations: is missing: expected array'],
    [
      'sampler: [halton]',
      'my.yaml:12: sampler: expected one of auto, halton, sobol, random, grid, tpe, gp, got ["halton"].',
    ],
    ['pruner: medain', 'my.yaml:12: pruner: expected one of none, percentile'],
    ['exploit: { trial: 3 }', 'my.yaml:12: exploit.trial: unknown field. Did you mean trials?'],
    ['studyGroup: schedul', 'studyGroup: expected a hyperparameter of the space, got schedul. Did you mean schedule?'],
    ['studyGroup: learningRate', 'studyGroup: expected a categorical hyperparameter with at least two choices'],
    ['studyGroup: schedule\nsampler: gp', 'studyGroup: expected to explore quasi-randomly, got sampler gp'],
    [
      'studyGroup: schedule\nsampler: { kind: list, configurations: [{ learningRate: 0.01, schedule: constant }] }',
      'sampler: a list has one value of schedule in each configuration',
    ],
    ['studyGroup: schedule\nphase: exploit', 'studyGroup: expected to explore quasi-randomly, got phase exploit'],
    ['studyGroup: schedule\nexploit: { trials: 3 }', 'exploit: the studies of a group stay comparable only while'],
    [
      'studyGroup: schedule\nconstraints: [finalLearningRate < learningRate]',
      'constraints.0: names finalLearningRate, which exists for some values of schedule only',
    ],
  ])('is refused by file, line and field: %s', (added, message) => {
    expect(() => read(added)).toThrow(message);
  });

  it('takes folds where people are dealt out, and only there', () => {
    expect(read('folds: all').folds).toBe('all');
    const left = 'dataset: watch, split: { kind: leave-one-subject-out }';
    expect(read('folds: [0, 7]', 'dataset: watch', left).folds).toEqual([0, 7]);
    const official = 'dataset: watch, split: { kind: official }';
    expect(() => read('folds: [0]', 'dataset: watch', official)).toThrow(
      'my.yaml:12: folds: expected a split group-k-fold or leave-one-subject-out for several folds, got official',
    );
  });

  it('takes a batch size whose effect is the question, and never as nuisance', () => {
    const batch = (role: string): string => `  batchSize: { type: categorical, choices: [64, 128]${role} }\nfixed:`;
    expect(Object.keys(read('', 'fixed:', batch(', role: scientific')).space)).toContain('batchSize');
    expect(() => read('', 'fixed:', batch(', role: nuisance'))).toThrow('batch size is not tuned for validation');
  });

  it('takes a list of configurations of this space, one for each trial', () => {
    const constant = '{ learningRate: 0.01, schedule: constant }';
    const cosine = '{ learningRate: 0.01, schedule: cosine, schedule=cosine/finalLearningRate: 0.0001 }';
    const list = (...entries: readonly string[]): string =>
      `sampler: { kind: list, configurations: [${entries.join(', ')}] }`;
    expect(read(list(constant, cosine, constant)).sampler).toMatchObject({ kind: 'list' });
    for (const [entries, message] of [
      [[constant], 'sampler.configurations: expected one for each of 3 trials, got 1'],
      [['{ learningRate: 0.01 }', cosine, cosine], 'configurations.0: expected a value for schedule, found none'],
      [
        ['{ learningRat: 0.01 }', cosine, cosine],
        'learningRat is no hyperparameter of the space. Did you mean learningRate?',
      ],
      [['{ learningRate: 1, schedule: constant }', cosine, cosine], 'learningRate: 1 is not in its domain'],
      [[cosine.replace('schedule: cosine', 'schedule: constant'), cosine, cosine], 'does not exist under the values'],
    ] as const) {
      expect(() => read(list(...entries))).toThrow(message);
    }
  });
});
