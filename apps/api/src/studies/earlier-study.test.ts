import { createStudy, importStudy, openStorage, type NewStudy, type Storage } from '@kinetune/storage';
import { sampleStudy } from '@kinetune/storage/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { prepareHomes, type PreparedHomes } from '../testing/prepared-home.ts';
import { checkEarlierStudy } from './earlier-study.ts';

let homes: PreparedHomes;
let storage: Storage;
const command = (...words: string[]): Partial<NewStudy> => ({
  data: null,
  model: 'train.py',
  trainer: { kind: 'command', command: ['python3', ...words] },
});

beforeAll(async () => {
  homes = await prepareHomes();
  storage = await openStorage(homes.create());
  await createStudy(storage.db, sampleStudy({ name: 'ours' }));
  await createStudy(storage.db, sampleStudy({ name: 'theirs', ...command('train.py') }));
  const elsewhere = sampleStudy({
    name: 'elsewhere',
    data: null,
    model: 'optuna',
    trainer: { kind: 'imported', source: 'Optuna', study: 'x', userAttributes: {} },
  });
  await importStudy(
    storage.db,
    { ...elsewhere, state: 'COMPLETED', spaceVersions: [], overrides: [], conclusion: null },
    async () => undefined,
  );
}, 120_000);
afterAll(async () => {
  await storage[Symbol.asyncDispose]();
  homes[Symbol.dispose]();
});

const check = (from: string | null, changes: Partial<NewStudy>): Promise<readonly string[]> =>
  checkEarlierStudy(storage.db, sampleStudy({ name: 'next', from, ...changes }));

it('a study starts from results of the same trainer without a word', async () => {
  expect(await check('ours', {})).toEqual([]);
  expect(await check('theirs', command('train.py'))).toEqual([]);
  expect(await check(null, {})).toEqual([]);
});

it('our own trainer and a command are different things, and refused', async () => {
  await expect(check('ours', { ...command('train.py'), model: 'cnn1d' })).rejects.toThrow(
    /from: the results of ours say nothing of next, since they differ in trainer: built-in -> command/,
  );
  await expect(check('theirs', { model: 'train.py' })).rejects.toThrow(/trainer: command -> built-in/);
});

it('another command, and what was measured elsewhere, are taken on trust and said', async () => {
  expect(await check('theirs', command('train.py', '--workers', '4'))).toEqual([
    'next starts from theirs, which was trained by `python3 train.py`, and is itself by `python3 train.py --workers 4`: that both measure the same is taken on trust.',
  ]);
  expect(await check('elsewhere', {})).toEqual([
    expect.stringContaining('was trained by Optuna, and is itself by the'),
  ]);
});

it('of a study from elsewhere the objective must be the same', async () => {
  await expect(check('elsewhere', { objective: { metric: 'trainLoss', direction: 'minimise' } })).rejects.toThrow(
    /differ in objective/,
  );
});
