import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findStudy, listStudies, pauseStudy, setArchived } from '@kinetune/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveApi, type ServedApi } from '../testing/served-api.ts';
import { writeSmallStudy, type SmallStudyOptions } from '../testing/small-study.ts';

const CREATE = `mutation ($input: CreateStudyInput!) { createStudy(input: $input) {
  __typename
  ... on CreateStudyPayload {
    studies { id name state budget seed space { hyperparameters { name role } } data }
    checks { name configurationCount samplerEngine acceptedShare unbuildableShare advice audit isLeaking data }
    remarks
  }
  ... on Refusal { code message field problems { field message } } } }`;

describe('createStudy', () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'kinetune-data-'));
  let api: ServedApi;
  beforeAll(async () => void (api = await serveApi({ dataFolders: [folder] })), 120_000);
  afterAll(async () => {
    await api[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const yamlOf = (options: SmallStudyOptions): string => readFileSync(writeSmallStudy(folder, options), 'utf8');
  const create = async (input: object) => {
    const { data, errors } = await api.ask(CREATE, { input });
    expect(errors).toBeUndefined();
    expect(api.hidden).toEqual([]);
    return data.createStudy;
  };
  const names = async () => (await listStudies(api.db)).map(({ name }) => name);

  it('creates a study from YAML, with its recordings read and audited', async () => {
    const created = await create({ yaml: yamlOf({ name: 'from-yaml' }) });
    expect(created).toMatchObject({
      __typename: 'CreateStudyPayload',
      studies: [{ name: 'from-yaml', state: 'RUNNING', budget: 4, seed: 7 }],
      checks: [{ name: 'from-yaml', configurationCount: null, samplerEngine: 'halton', acceptedShare: 1 }],
      remarks: [],
    });
    expect(created.checks[0].audit[0]).toMatch(/^leak audit: clean/);
    expect(created.checks[0].data).toMatchObject({ labels: ['run', 'sit', 'walk'], isSynthetic: false });
    const [study] = await listStudies(api.db);
    expect(study).toMatchObject({
      name: 'from-yaml',
      splitHash: expect.any(String),
      data: { path: join(folder, 'recordings.csv') },
    });
  });

  const form = {
    name: 'from-form',
    goal: 'Does the machinery work?',
    data: {
      dataset: 'csv',
      path: join(folder, 'recordings.csv'),
      csv: { channels: ['x', 'y', 'z'] },
      window: { length: 32, step: 16 },
      split: { kind: 'group-k-fold', folds: 3 },
    },
    model: 'cnn1d',
    space: [
      { name: 'learningRate', type: 'FLOAT', minimum: 0.0003, maximum: 0.03, scale: 'LOG' },
      { name: 'dropout', type: 'FLOAT', minimum: 0, maximum: 0.5 },
    ],
    fixed: [{ name: 'channels', value: 8, reason: 'fast' }],
    budget: { trials: 4 },
    seed: 7,
  };

  it('creates from a form the study that the same YAML gives', async () => {
    const created = await create({ form, paused: true });
    expect(created.studies).toMatchObject([{ name: 'from-form', state: 'PAUSED' }]);
    const studies = await listStudies(api.db);
    const [ofYaml, ofForm] = ['from-yaml', 'from-form'].map((name) => studies.find((study) => study.name === name));
    for (const field of ['space', 'data', 'splitHash', 'sampler', 'pruner', 'objective', 'metrics', 'seed'] as const)
      expect(ofForm?.[field]).toEqual(ofYaml?.[field]);
  });

  it('checks without creating anything: a space that is finite has a size', async () => {
    const before = await names();
    const space = [
      { name: 'learningRate', type: 'CATEGORICAL', choices: [0.001, 0.01] },
      { name: 'layerCount', type: 'INT', minimum: 1, maximum: 3 },
    ];
    const checked = await create({ form: { ...form, name: 'dry', space }, dryRun: true });
    expect(checked).toMatchObject({ studies: [], checks: [{ configurationCount: 6, unbuildableShare: null }] });
    expect(checked.checks[0].audit[0]).toMatch(/clean/);
    expect(await names()).toEqual(before);
  });

  it('creates from a form a study that is asked for its configurations, with limits', async () => {
    const created = await create({
      form: {
        name: 'asked',
        goal: form.goal,
        budget: form.budget,
        trainer: { ask: true, metrics: [{ name: 'score', direction: 'MAXIMISE' }] },
        objective: { metric: 'score', direction: 'MAXIMISE' },
        space: [{ name: 'x', type: 'FLOAT', minimum: 0, maximum: 1, kind: 'OPTIMIZER' }],
        limits: { trialMinutes: 5 },
      },
      paused: true,
    });
    expect(created.studies).toMatchObject([{ name: 'asked', state: 'PAUSED' }]);
    const stored = (await listStudies(api.db)).find(({ name }) => name === 'asked');
    expect(stored).toMatchObject({ trainer: { kind: 'ask' }, limits: { trialMinutes: 5 } });
  });

  it('refuses each wrong field of a form by its place, and creates nothing', async () => {
    const before = await names();
    const space = [
      { name: 'learningRate', type: 'FLOAT', minimum: 1, maximum: 0.03, scale: 'LOG' },
      { name: 'dropout', type: 'FLOAT', minimum: 0 },
    ];
    const refused = await create({ form: { ...form, name: 'Wrong Name', space } });
    expect(refused).toMatchObject({ __typename: 'Refusal', code: 'study-file-invalid', field: ['form', 'name'] });
    expect(refused.problems.map(({ field }: { field: string[] }) => field.join('.'))).toEqual(
      expect.arrayContaining(['form.name', 'form.space.1.maximum']),
    );
    const ranges = await create({ form: { ...form, name: 'wrong', space: space.slice(0, 1) } });
    expect(ranges.problems).toEqual([
      { field: ['form', 'space', '0', 'minimum'], message: expect.stringContaining('expected minimum <= maximum') },
    ]);
    expect(await names()).toEqual(before);
  });

  it.each([
    [
      'a misspelt hyperparameter',
      { space: [{ ...form.space[0], name: 'learningRat' }] },
      'unknown-hyperparameter',
      ['form', 'space', '0'],
    ],
    ['a name twice', { space: [form.space[0], form.space[0]] }, 'study-file-invalid', ['form', 'space', '1', 'name']],
    ['an unknown model', { model: 'resnet' }, 'unknown-model', ['form', 'model']],
    [
      'a value that is not legal',
      { fixed: [{ name: 'channels', value: -1, reason: 'x' }] },
      'value-not-legal',
      ['form', 'fixed', '0'],
    ],
    [
      'constraints that let nothing through',
      { constraints: ['dropout > 1'] },
      'constraints-accept-nothing',
      ['form', 'constraints'],
    ],
    ['a name that is taken', { name: 'from-yaml' }, 'study-exists', ['form', 'name']],
    [
      'a path that is not allowed',
      { data: { ...form.data, path: '/etc/passwd' } },
      'path-not-allowed',
      ['form', 'data', 'path'],
    ],
    [
      'a path with ..',
      { data: { ...form.data, path: `${folder}/../x` } },
      'path-not-allowed',
      ['form', 'data', 'path'],
    ],
    ['a device', { data: { ...form.data, path: '/dev/zero' } }, 'path-not-allowed', ['form', 'data', 'path']],
    ['a text too long', { goal: 'x'.repeat(10_001) }, 'text-too-long', ['form', 'goal']],
    ['an unknown earlier study', { name: 'later', from: 'nobody' }, 'unknown-study', ['form', 'from']],
  ])('refuses %s', async (_, changes, code, field) => {
    const before = await names();
    const refused = await create({ form: { ...form, name: 'refused', ...changes } });
    expect(refused).toMatchObject({ __typename: 'Refusal', code, field });
    expect(await names()).toEqual(before);
  });

  it('refuses a link that leads out of the allowed folders', async () => {
    symlinkSync('/etc/passwd', join(folder, 'link.csv'));
    const data = { ...form.data, path: join(folder, 'link.csv') };
    expect(await create({ form: { ...form, name: 'link', data } })).toMatchObject({ code: 'path-not-allowed' });
  });

  it('refuses YAML with the line in its message, and numbers that no study has', async () => {
    const yaml = yamlOf({ name: 'lines' });
    const wrong = await create({ yaml: yaml.replace('model: cnn1d', 'model: cnn2d'), file: 'mine.yaml' });
    expect(wrong).toMatchObject({ code: 'unknown-model', field: ['yaml', 'model'] });
    expect(wrong.message).toMatch(/^mine\.yaml:\d+: model: expected one of .* Did you mean cnn1d\?/);
    expect(await create({ yaml, trials: 0 })).toMatchObject({ code: 'number-out-of-range', field: ['trials'] });
    expect(await create({ yaml, seed: 2 ** 33 })).toMatchObject({ code: 'number-out-of-range', field: ['seed'] });
    expect(await create({ yaml, form })).toMatchObject({ code: 'study-ambiguous' });
    expect(await create({})).toMatchObject({ code: 'study-ambiguous' });
    expect(await create({ yaml: 'name: [' })).toMatchObject({ code: 'study-file-syntax', field: ['yaml'] });
    expect(await create({ yaml, dataFolder: '/etc' })).toMatchObject({
      code: 'path-not-allowed',
      field: ['dataFolder'],
    });
    const literal = await api.ask(
      'mutation { createStudy(input: { form: { name: "x", goal: "y", budget: { trials: 1 }, space: [{ name: "a", type: FLOAT, minimum: 1e999 }] } }) { ... on Refusal { code field } } }',
    );
    expect(literal.data.createStudy).toEqual({ code: 'number-not-finite', field: ['form', 'space', '0', 'minimum'] });
  });

  it('creates nothing twice for one key, however often it is sent', async () => {
    const input = { yaml: yamlOf({ name: 'keyed' }), idempotencyKey: 'one' };
    const [first, second] = await Promise.all([create(input), create(input)]);
    expect(first.studies[0]).toMatchObject({ name: 'keyed' });
    expect(second.studies).toEqual(first.studies);
    expect((await create(input)).studies).toEqual(first.studies);
    expect(await create({ ...input, trials: 9 })).toMatchObject({ code: 'idempotency-key-reused' });
    expect(await create({ ...input, idempotencyKey: 'a b' })).toMatchObject({
      code: 'idempotency-key-form',
      field: ['idempotencyKey'],
    });
    expect((await names()).filter((name) => name.startsWith('keyed'))).toEqual(['keyed']);
  });

  it('goes on with the same study, or starts another beside it, as kinetune train does', async () => {
    const yaml = yamlOf({ name: 'again' });
    const [first] = (await create({ yaml })).studies;
    const extended = await create({ yaml, trials: 9, existing: 'CONTINUE' });
    expect(extended.studies).toEqual([{ ...first, budget: 9 }]);
    expect(extended.remarks[0]).toContain('extended from 4 to 9 trials');
    const id = Buffer.from(first.id, 'base64').toString().replace('Study:', '');
    await pauseStudy(api.db, id);
    await setArchived(api.db, id, true);
    expect((await create({ yaml, trials: 9, existing: 'CONTINUE' })).remarks).toEqual([
      'again was archived; it is in use again.',
    ]);
    expect(await findStudy(api.db, id)).toMatchObject({ state: 'RUNNING', archivedAt: null });
    const other = await create({ yaml, seed: 8, existing: 'CONTINUE' });
    expect(other.studies).toMatchObject([{ name: 'again.2', seed: 8 }]);
    expect((await create({ yaml, existing: 'START_AFRESH' })).studies).toMatchObject([{ name: 'again.3' }]);
  });

  it('creates all studies of a group or none', async () => {
    const group = (name: string) => yamlOf({ name, isGrouped: true, search: 'studyGroup: schedule\n' });
    expect((await create({ yaml: group('group') })).studies.map((one: { name: string }) => one.name)).toEqual([
      'group.constant',
      'group.cosine',
    ]);
    await create({ form: { ...form, name: 'half.cosine' } });
    const before = await names();
    expect(await create({ yaml: group('half') })).toMatchObject({ code: 'study-exists' });
    expect(await names()).toEqual(before);
  });

  it('takes a command as trainer from an editor on the machine itself', async () => {
    const yaml = `name: command\ngoal: Runs a program\ntrainer:\n  command: [node, train.js]\n  metrics: [{ name: score, direction: maximise }]\nobjective: { metric: score, direction: maximise }\nspace: { x: { type: float, minimum: 0, maximum: 1 } }\nbudget: { trials: 2 }\n`;
    expect((await create({ yaml })).studies).toMatchObject([{ name: 'command', data: null }]);
  });
});
