/** Exports, and that a JSON export is imported as the same study. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  atOneMoment,
  findStudyByName,
  importStudy,
  listStudies,
  openStorage,
  type ConfigurationRecord,
  type Storage,
  type StudyRecord,
  type TrialRecord,
} from '@kinetune/storage';
import { sampleStudy } from '@kinetune/storage/testing';
import { createRng, type Rng, type TrialState } from '@kinetune/study';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kinetuneEnvironment, kinetuneWords, runKinetune } from '../testing/kinetune-process.ts';
import { prepareHomes, type PreparedHomes } from '../testing/prepared-home.ts';
import { writeSmallStudy } from '../testing/small-study.ts';
import { csvRecord } from './csv.ts';
import { exportCsv, type Exported } from './export-csv.ts';
import { exportJson } from './export-json.ts';
import { importDocument } from './import-document.ts';

let homes: PreparedHomes;
let storage: Storage;
let other: Storage;

beforeAll(async () => {
  homes = await prepareHomes();
  storage = await openStorage(homes.create());
  other = await openStorage(homes.create());
}, 120_000);

afterAll(async () => {
  await storage[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  homes[Symbol.dispose]();
});

const STATES: readonly TrialState[] = ['COMPLETED', 'PRUNED', 'INFEASIBLE', 'FAILED', 'CANCELLED', 'QUEUED'];
const TEXTS = ['plain', 'a "quoted", text', 'two\nlines', '=1+1', ' ü ', '', '{"json": [1]}'];

function moment(rng: Rng): Date {
  return new Date(1.7e12 + Math.floor(rng.next() * 1e11));
}

function pick<T>(rng: Rng, values: readonly T[]): T {
  return values[Math.floor(rng.next() * values.length)] as T;
}

function trialOf(rng: Rng, replicate: number): TrialRecord {
  const state = pick(rng, STATES);
  const number = (): number | null => (rng.next() < 0.2 ? null : rng.normal() * 10 ** Math.floor(rng.next() * 20 - 10));
  const whole = (): number | null => (rng.next() < 0.2 ? null : Math.floor(rng.next() * 1e9));
  return {
    replicate,
    seed: Math.floor(rng.next() * 4294967295),
    fold: Math.floor(rng.next() * 5),
    state,
    reasonCode: state === 'COMPLETED' ? null : 'some-code',
    reason: pick(rng, TEXTS),
    attempts: 1,
    failures: 0,
    device: pick(rng, TEXTS),
    fingerprint: rng.next() < 0.5 ? null : { commit: pick(rng, TEXTS), nested: { list: [1, null, 'x'] } },
    runtime: rng.next() < 0.5 ? null : { intraOpThreads: 1, interOpThreads: 1, xla: true, oneDnn: false },
    weightCount: whole(),
    totalSteps: whole(),
    totalEpochs: number(),
    lastStep: whole(),
    bestStep: whole(),
    bestValue: number(),
    diagnosis: rng.next() < 0.5 ? null : { version: 3, findings: [{ label: pick(rng, TEXTS) }] },
    earlierRunningMs: Math.floor(rng.next() * 1e7),
    queuedAt: moment(rng),
    startedAt: moment(rng),
    finishedAt: state === 'QUEUED' ? null : moment(rng),
    evaluations: [
      {
        split: 'validation',
        step: 3,
        reason: null,
        evaluatedBy: null,
        isContaminated: false,
        evaluatedAt: moment(rng),
        confusionMatrix: [
          [3, 1],
          [0, 2],
        ],
        perSubject: [{ subject: pick(rng, TEXTS), correct: 5, count: 6 }],
      },
      {
        split: 'test',
        step: 3,
        reason: 'the end',
        evaluatedBy: pick(rng, TEXTS),
        isContaminated: rng.next() < 0.5,
        evaluatedAt: moment(rng),
        confusionMatrix: [[1]],
        perSubject: [],
      },
    ],
  };
}

/** A study of many kinds of trials, from a seed. */
async function madeUp(name: string, seed: number): Promise<void> {
  const rng = createRng('export', seed);
  const base = sampleStudy({ name, goal: pick(rng, TEXTS), splitHash: 'abc', folds: [0, 2] });
  const wider = { ...base.space, version: 2, constraints: ['learningRate < 1'] };
  const record: StudyRecord = {
    ...base,
    space: wider,
    state: 'PAUSED',
    spaceVersions: [
      { space: base.space, phase: 'explore', firstConfiguration: 0 },
      { space: wider, phase: 'explore', firstConfiguration: 2 },
    ],
    overrides: [{ question: 'curves', reason: pick(rng, TEXTS), by: 'me', at: '2026-01-01T00:00:00.000Z' }],
    conclusion: pick(rng, TEXTS),
    createdAt: moment(rng),
    earlyStopping: null,
  };
  await importStudy(storage.db, record, async ({ addConfigurations, addMeasurements }) => {
    for (let number = 0; number < 5; number++) {
      const configuration: ConfigurationRecord = {
        number: number * 2,
        values: { learningRate: rng.next() },
        spaceVersion: number < 1 ? 1 : 2,
        samplerNote: { sampler: 'halton', engineVersion: 1, reason: pick(rng, TEXTS), sequence: 4 },
        objective: rng.normal(),
        createdAt: moment(rng),
        trials: Array.from({ length: 1 + Math.floor(rng.next() * 3) }, (_, replicate) => trialOf(rng, replicate)),
      };
      for (const trialId of await addConfigurations([configuration]))
        await addMeasurements(
          Array.from({ length: Math.floor(rng.next() * 6) }, (_, index) => ({
            trialId,
            step: 10 * index,
            epoch: index + rng.next(),
            values: [rng.normal() * 1e-7, rng.next() < 0.3 ? null : rng.next()],
            ...(rng.next() < 0.5
              ? {}
              : {
                  detail: { trainLoss: [{ minimum: 0, mean: null, maximum: 1 }], gradientNorm: [], clippedShare: 0.5 },
                }),
            recordedAt: moment(rng),
          })),
        );
    }
  });
}

async function text(from: Storage, name: string, format: typeof exportCsv, what: Exported): Promise<string> {
  const study = await findStudyByName(from.db, name);
  if (study === undefined) throw new Error(`no ${name}`);
  return atOneMoment(from.db, (db) => joined(format(db, study, what)));
}

async function joined(pieces: AsyncIterable<string>): Promise<string> {
  let whole = '';
  for await (const piece of pieces) whole += piece;
  return whole;
}

/** A reader of RFC 4180 of its own. */
function records(csv: string): readonly (readonly string[])[] {
  const found: string[][] = [[]];
  for (const [, quoted, plain = '', end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    found.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\r\n') found.push([]);
  }
  return found.slice(0, -1);
}

describe('JSON', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('exported, imported and exported again is the same (seed %i)', async (seed) => {
    const name = `made-up-${seed}`;
    await madeUp(name, seed);
    const first = await text(storage, name, exportJson, 'all');
    const file = join(homes.folder, `${name}.json`);
    writeFileSync(file, first);
    const { trials } = await importDocument(other, file, {});
    expect(await text(other, name, exportJson, 'all')).toBe(first);
    expect(trials).toBe(
      (JSON.parse(first) as { configurations: { trials: [] }[] }).configurations.flatMap((one) => one.trials).length,
    );
    await expect(importDocument(other, file, {})).rejects.toThrow(/a study of this name is in this home already.*--as/);
  });

  const broken: readonly (readonly [string, (text: string) => string, RegExp])[] = [
    ['cut short', (json) => json.slice(0, -40), /cut short/],
    ['cut in the head', (json) => json.slice(0, 30), /cut short|format is null/],
    ['no JSON', () => 'trial,replicate', /damaged|format is null/],
    ['another JSON', () => '{"a": 1}', /its format is missing/],
    ['of another version', (json) => json.replace('"version":1', '"version":2'), /version is 2.*update/],
    [
      'of trials alone',
      (json) => json.replace('"what":"all"', '"what":"trials"'),
      /holds "trials" and not "all".*--what all/,
    ],
    [
      'with an unknown state',
      (json) => json.replace(/"state":"(?!PAUSED)[A-Z]+"/, '"state":"LOST"'),
      /configurations\.?\[?\d/,
    ],
    ['with a number twice', (json) => json.replace('{"number":2,', '{"number":0,'), /got it twice/],
    [
      'with values that are missing',
      (json) => json.replace(/"values":\[[^\]]*\]/, '"values":[1]'),
      /expected 2 values/,
    ],
  ];
  it.each(broken)('that is %s imports nothing', async (what, change, message) => {
    const name = `broken-${what.replaceAll(' ', '-').toLowerCase()}`;
    await madeUp(name, 1);
    const file = join(homes.folder, `${name}.json`);
    writeFileSync(file, change(await text(storage, name, exportJson, 'all')));
    const before = await listStudies(other.db);
    await expect(importDocument(other, file, {})).rejects.toThrow(message);
    expect(await listStudies(other.db)).toEqual(before);
  });
});

describe('CSV', () => {
  it('quotes by RFC 4180, and leaves empty what is not finite', () => {
    const cells = ['a,b', 'say "x"', 'two\r\nlines', '=1+1', NaN, Infinity, null, -1.5, true];
    expect(csvRecord(cells)).toBe('"a,b","say ""x""","two\r\nlines",=1+1,,,,-1.5,true\r\n');
    expect(records(csvRecord(cells))).toEqual([['a,b', 'say "x"', 'two\r\nlines', '=1+1', '', '', '', '-1.5', 'true']]);
  });

  it('has a row a trial, a row a measurement, or both', async () => {
    await madeUp('tables', 9);
    const whole = JSON.parse(await text(storage, 'tables', exportJson, 'all')) as {
      configurations: {
        number: number;
        values: { learningRate: number };
        trials: { reason: string; measurements: { values: (number | null)[] }[] }[];
      }[];
    };
    const trials = whole.configurations.flatMap((one) =>
      one.trials.map((trial) => ({ ...trial, number: one.number, values: one.values })),
    );
    const [header = [], ...rows] = records(await text(storage, 'tables', exportCsv, 'trials'));
    expect(rows.every((row) => row.length === header.length)).toBe(true);
    expect(rows.map((row) => row[header.indexOf('reason')])).toEqual(trials.map(({ reason }) => reason));
    expect(rows.map((row) => Number(row[header.indexOf('learningRate')]))).toEqual(
      trials.map(({ values }) => values.learningRate),
    );
    const measured = trials.flatMap(({ measurements }) => measurements);
    const [columns = [], ...lines] = records(await text(storage, 'tables', exportCsv, 'measurements'));
    expect(lines).toHaveLength(measured.length);
    expect(lines.map((line) => line[columns.indexOf('metric.validationAccuracy')])).toEqual(
      measured.map(({ values }) => String(values[1] ?? '')),
    );
    const [, ...both] = records(await text(storage, 'tables', exportCsv, 'all'));
    expect(both).toHaveLength(trials.reduce((sum, { measurements }) => sum + Math.max(1, measurements.length), 0));
  });
});

it('works from the command line: import, show, report, export, and no training of what was trained elsewhere', async () => {
  const options = { home: homes.create(), trainer: {} };
  const file = join(import.meta.dirname, 'fixtures/optuna.db');
  const imported = await runKinetune(
    ['import', 'optuna', file, '--study', 'conditional', '--as', 'small', '--json'],
    options,
  );
  expect(imported).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(imported.stdout)).toMatchObject({ study: 'small', trials: 24 });
  expect((await runKinetune(['study', 'show', 'small'], options)).stdout).toContain('14 completed');
  expect((await runKinetune(['report', 'small'], options)).stdout).toContain('# small');
  const exported = await runKinetune(['export', 'small', '--json'], options);
  // More than a pipe holds: a reader that takes its time gets all of it.
  const words = kinetuneWords(['export', 'small', '--json']).map((word) => `'${word}'`);
  const slow = spawnSync('sh', ['-c', `${words.join(' ')} | (sleep 1; cat)`], { env: kinetuneEnvironment(options) });
  expect(slow.stdout.length).toBeGreaterThan(65_536);
  expect(slow.stdout.toString()).toBe(exported.stdout);
  expect(JSON.parse(exported.stdout)).toMatchObject({ format: 'kinetune-study', study: { name: 'small' } });
  const table = join(homes.folder, 'table.csv');
  expect(await runKinetune(['export', 'small', '--output', table], options)).toMatchObject({ code: 0, stdout: '' });
  expect(records(readFileSync(table, 'utf8'))).toHaveLength(25);
  const trained = await runKinetune(['train', writeSmallStudy(join(homes.folder, 'train'))], options);
  expect(trained.code).toBe(2);
  expect(trained.stderr).toMatch(/small was imported from Optuna.*from: small/);
  expect(await runKinetune(['study', 'replicate', 'small'], options)).toMatchObject({ code: 2 });
}, 120_000);
