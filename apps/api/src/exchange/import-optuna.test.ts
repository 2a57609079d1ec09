/** Studies that Optuna itself made (`fixtures/make_optuna_fixtures.py`), held against what Optuna reads from them. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  listMeasurements,
  listStudies,
  listTrials,
  openStorage,
  samplerHistory,
  type Storage,
} from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareHomes, type PreparedHomes } from '../testing/prepared-home.ts';
import { importOptuna, type ImportOptunaOptions } from './import-optuna.ts';

interface OptunaReads {
  readonly number: number;
  readonly state: string;
  readonly values: readonly (number | string)[] | null;
  readonly params: Readonly<Record<string, unknown>>;
  readonly user_attrs: Readonly<Record<string, unknown>>;
  readonly intermediate_values: Readonly<Record<string, number | string>>;
  readonly datetime_start: string | null;
  readonly datetime_complete: string | null;
}

const FIXTURES = join(import.meta.dirname, 'fixtures');
const optuna = JSON.parse(readFileSync(join(FIXTURES, 'optuna.json'), 'utf8')) as Record<
  'db' | 'journal',
  Record<string, readonly OptunaReads[]>
>;
const STATES: Readonly<Record<string, readonly string[]>> = {
  COMPLETE: ['COMPLETED', 'INFEASIBLE'],
  PRUNED: ['PRUNED', 'INFEASIBLE'],
  FAIL: ['FAILED'],
};

let homes: PreparedHomes;
let storage: Storage;
let folder: string;

beforeAll(async () => {
  homes = await prepareHomes();
  storage = await openStorage(homes.create());
  folder = join(homes.folder, 'files');
  mkdirSync(folder);
}, 120_000);

afterAll(async () => {
  await storage[Symbol.asyncDispose]();
  homes[Symbol.dispose]();
});

const bring = (file: string, options: Partial<ImportOptunaOptions>): ReturnType<typeof importOptuna> =>
  importOptuna(storage, file, { now: new Date('2026-01-01'), ...options });

/** A copy of a fixture, changed by `change`. */
function changed(name: 'optuna.db' | 'optuna.journal', as: string, change: (bytes: Buffer) => Buffer | string): string {
  const file = join(folder, as);
  writeFileSync(file, change(readFileSync(join(FIXTURES, name))));
  return file;
}

function alteredDatabase(as: string, sql: string): string {
  const file = join(folder, as);
  cpSync(join(FIXTURES, 'optuna.db'), file);
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
  return file;
}

describe.each(['db', 'journal'] as const)('the %s storage', (kind) => {
  it.each(
    Object.keys(optuna[kind]).filter(
      (name) => (optuna[kind][name]?.[0]?.values?.length ?? 1) === 1 && name !== 'empty',
    ),
  )('gives the trials of %s as Optuna reads them', async (name) => {
    const { study } = await bring(join(FIXTURES, `optuna.${kind}`), {
      study: name,
      as: `${kind}-${name.toLowerCase().replace(' ', '-')}`,
    });
    const trials = await listTrials(storage.db, study.id);
    const expected = (optuna[kind][name] ?? []).filter(({ state }) => state in STATES);
    expect(trials.map(({ number }) => number)).toEqual(expected.map(({ number }) => number));
    for (const [index, trial] of trials.entries()) {
      const one = expected[index] as OptunaReads;
      expect(STATES[one.state]).toContain(trial.state);
      if (trial.state === 'COMPLETED') expect(trial.bestValue).toBe(one.values?.[0]);
      expect(trial.fingerprint?.userAttributes).toEqual(one.user_attrs);
      expect(trial.startedAt?.getTime()).toBe(new Date(one.datetime_start ?? '').getTime());
      expect(trial.finishedAt?.getTime()).toBe(new Date(one.datetime_complete ?? '').getTime());
      const byLeaf = Object.fromEntries(
        Object.entries(trial.values).map(([full, value]) => [full.split('/').at(-1), value]),
      );
      expect(byLeaf).toEqual(
        Object.fromEntries(
          Object.entries(one.params).map(([parameter, value]) => [parameter.replace('.', '_'), value ?? 'None']),
        ),
      );
      const curve = await listMeasurements(storage.db, study.id, trial.id);
      expect(curve.map(({ step, values }) => [step, Object.values(values)[0]])).toEqual(
        Object.entries(one.intermediate_values).map(([step, value]) => [
          Number(step),
          typeof value === 'number' ? value : null,
        ]),
      );
      const finite = curve.flatMap(({ values }) => Object.values(values)[0] ?? []);
      if (trial.state === 'PRUNED') expect(trial.bestValue).toBe(Math.min(...finite));
    }
  });

  it('tells branches, and leaves out what has not ended', async () => {
    const { study, notes } = await bring(join(FIXTURES, `optuna.${kind}`), { study: 'conditional', as: `${kind}-b` });
    expect(study.space.hyperparameters.map(({ name }) => name).sort()).toEqual([
      'dropout',
      'optimizer',
      'optimizer=adam/adam_lr',
      'optimizer=sgd/momentum',
      'optimizer=sgd/momentum=true/mu',
      'optimizer=sgd/sgd_lr',
      'units',
    ]);
    expect(study.space.hyperparameters.find(({ name }) => name === 'units')?.domain).toEqual({
      type: 'int',
      minimum: 8,
      maximum: 64,
      scale: 'linear',
      step: 8,
    });
    expect(notes.join('\n')).toMatch(/running\): trial 24[\s\S]*waiting\): trial 25/);
    expect(study.trainer).toMatchObject({
      kind: 'imported',
      study: 'conditional',
      userAttributes: { dataset: 'wisdm' },
    });
    expect((await listTrials(storage.db, study.id)).find(({ number }) => number === 9)).toMatchObject({
      state: 'INFEASIBLE',
      reasonCode: 'diverged',
    });
    const { history } = await samplerHistory(storage.db, study.id);
    expect(history.observed).toHaveLength(14);
  });

  it('takes infinite values and violated constraints for infeasible, and unites ranges', async () => {
    const { study } = await bring(join(FIXTURES, `optuna.${kind}`), { study: 'Dynamic Space', as: `${kind}-d` });
    const trials = await listTrials(storage.db, study.id);
    expect(trials[2]).toMatchObject({ state: 'INFEASIBLE', reasonCode: 'diverged', bestValue: null });
    expect(trials[4]).toMatchObject({ state: 'INFEASIBLE', reasonCode: 'constraint-violated' });
    expect(study.objective).toEqual({ metric: 'score', direction: 'maximise' });
    expect(study.space.hyperparameters.map(({ domain }) => domain)).toMatchObject([
      { minimum: -1, maximum: 8 },
      { minimum: 1, maximum: 128, scale: 'log' },
      { choices: ['None', 'mean', 3, 0.5] },
      { minimum: 0, maximum: 10 },
    ]);
  });

  it('refuses several objectives unless one is chosen', async () => {
    const file = join(FIXTURES, `optuna.${kind}`);
    await expect(bring(file, { study: 'two-goals', as: `${kind}-two` })).rejects.toThrow(
      /one objective.*--objective 0/,
    );
    const { study } = await bring(file, { study: 'two-goals', as: `${kind}-two`, objective: 1 });
    expect(study.objective.direction).toBe('maximise');
    const [first] = await listTrials(storage.db, study.id);
    expect(first?.bestValue).toBe(optuna[kind]['two-goals']?.[0]?.values?.[1]);
  });

  it('lists the studies where none is named, and has no deleted one', async () => {
    const asked = bring(join(FIXTURES, `optuna.${kind}`), {});
    await expect(asked).rejects.toThrow(/--study.*conditional \(26 trials\).*empty \(0 trials\)/);
    await expect(bring(join(FIXTURES, `optuna.${kind}`), { study: 'deleted' })).rejects.toThrow(/got deleted/);
    await expect(bring(join(FIXTURES, `optuna.${kind}`), { study: 'empty' })).rejects.toThrow(/have ended/);
  });
});

it('refuses the same study twice by name and leaves nothing beside the file', async () => {
  const file = changed('optuna.db', 'alone/optuna.db'.replace('/', '-'), (bytes) => bytes);
  const before = statSync(file, { bigint: true });
  const files = readdirSync(folder);
  await bring(file, { study: 'conditional', as: 'twice' });
  await expect(bring(file, { study: 'conditional', as: 'twice' })).rejects.toThrow(
    /got twice: .*imported from Optuna.*--as/,
  );
  expect(readdirSync(folder)).toEqual(files);
  const after = statSync(file, { bigint: true });
  expect([after.mtimeNs, after.size]).toEqual([before.mtimeNs, before.size]);
  expect(readdirSync(storage.home).filter((name) => name.startsWith('import-'))).toEqual([]);
});

it('reads what a database in use has not yet moved into its file', async () => {
  const file = join(folder, 'wal.db');
  cpSync(join(FIXTURES, 'optuna.db'), file);
  const writer = new DatabaseSync(file);
  writer.exec("pragma journal_mode = wal; update trials set state = 'FAIL' where number = 0 and study_id = 1");
  const beside = readdirSync(folder);
  const { study } = await bring(file, { study: 'conditional', as: 'wal' });
  expect((await listTrials(storage.db, study.id))[0]?.state).toBe('FAILED');
  expect(readdirSync(folder)).toEqual(beside);
  writer.close();
});

describe('what is no whole storage', () => {
  const hostile: readonly (readonly [string, () => string, RegExp])[] = [
    ['a missing file', () => join(folder, 'none'), /there is none of this name/],
    ['a folder', () => folder, /it is a folder/],
    ['an empty file', () => changed('optuna.db', 'zero', () => Buffer.alloc(0)), /0 bytes/],
    ['random bytes', () => changed('optuna.db', 'random', (bytes) => bytes.subarray(5000, 9000)), /begins with/],
    ['half a database', () => changed('optuna.db', 'half', (bytes) => bytes.subarray(0, bytes.length / 2)), /damaged/],
    ['the head of a database', () => changed('optuna.db', 'head', (bytes) => bytes.subarray(0, 60)), /damaged/],
    [
      'a journal cut in a line',
      () => changed('optuna.journal', 'cut', (bytes) => bytes.subarray(0, 20_010)),
      /cut short/,
    ],
    [
      'a journal with a line that is none',
      () => changed('optuna.journal', 'line', (bytes) => bytes.toString().replace('{"op_code":5', '{"op_code":55')),
      /line:\d+: expected an operation/,
    ],
    [
      'another schema version',
      () => alteredDatabase('version', 'update version_info set schema_version = 11'),
      /version 11.*upgrade/,
    ],
    [
      'another database',
      () => alteredDatabase('other', 'drop table version_info'),
      /expected an Optuna storage, got an SQLite/,
    ],
    [
      'a view in place of a table',
      () =>
        alteredDatabase('view', 'alter table trial_params rename to p; create view trial_params as select * from p'),
      /trial_params is a view/,
    ],
    [
      'a journal that is not UTF-8',
      () =>
        changed('optuna.journal', 'latin', (bytes) =>
          Buffer.from(bytes.toString().replace('lab-1', 'l\xe4b'), 'latin1'),
        ),
      /latin:\d+: expected text in UTF-8/,
    ],
    [
      'a start in the year 300,000',
      () => alteredDatabase('late', "update trials set datetime_start = '300000-01-01 00:00:00'"),
      /not a moment/,
    ],
    [
      'both a choice and a number',
      () =>
        alteredDatabase(
          'both',
          `update trial_params set distribution_json = '{"name":"CategoricalDistribution","attributes":{"choices":[${'1,'.repeat(64)}1]}}' where param_name = 'units' and trial_id = 1`,
        ),
      /"units" to be a choice or a number in all trials/,
    ],
    [
      'a thousand parameters',
      () =>
        alteredDatabase(
          'many',
          "update trial_params set param_name = 'p' || param_id; with recursive n(value) as (values (1) union all select value + 1 from n where value < 1000) insert into trial_params (trial_id, param_name, param_value, distribution_json) select 1, 'q' || value, 1, (select distribution_json from trial_params limit 1) from n",
        ),
      /at most 500 parameters in a study/,
    ],
    ['a table that is gone', () => alteredDatabase('gone', 'drop table trial_params'), /no such table/],
    ['a state of no kind', () => alteredDatabase('state', "update trials set state = 'LOST'"), /is LOST, none of/],
    ['a number twice', () => alteredDatabase('number', 'update trials set number = 1'), /numbers of their own/],
    [
      'a step below 0',
      () => alteredDatabase('step', 'update trial_intermediate_values set step = -step - 1'),
      /step from 0/,
    ],
    [
      'a distribution of no kind',
      () => alteredDatabase('distribution', "update trial_params set distribution_json = '{'"),
      /the distribution of/,
    ],
    [
      'links that go round',
      () => {
        rmSync(join(folder, 'a'), { force: true });
        symlinkSync(join(folder, 'b'), join(folder, 'a'));
        symlinkSync(join(folder, 'a'), join(folder, 'b'));
        return join(folder, 'a');
      },
      /go round in a circle/,
    ],
  ];

  it.each(hostile)('%s imports nothing', async (_, make, message) => {
    const before = (await listStudies(storage.db)).length;
    const failure = await bring(make(), { study: 'conditional', as: 'hostile' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InputError);
    expect((failure as Error).message).toMatch(message);
    expect(await listStudies(storage.db)).toHaveLength(before);
  });
});

it('keeps text that the database cannot hold as near as it can be', async () => {
  const file = alteredDatabase('text', `update trial_user_attributes set value_json = '"a\\u0000b\\ud800"'`);
  const { study } = await bring(file, { study: 'conditional', as: 'text' });
  const [first] = await listTrials(storage.db, study.id);
  expect(first?.fingerprint?.userAttributes).toMatchObject({ host: 'a\ufffdb\ufffd' });
});
