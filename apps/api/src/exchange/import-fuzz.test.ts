/**
 * Files that were changed at random: an import refuses them and leaves nothing, or brings in a study that can be read like any
 * other. A failure names its seed: add it to SEEDS.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atOneMoment, listStudies, openStorage, type Storage, type Study } from '@kinetune/storage';
import { createRng, InputError, type Rng } from '@kinetune/study';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatherFindings } from '../findings/gather-findings.ts';
import { gatherReport } from '../report/gather-report.ts';
import { prepareHomes, type PreparedHomes } from '../testing/prepared-home.ts';
import { exportCsv } from './export-csv.ts';
import { exportJson } from './export-json.ts';
import { importDocument } from './import-document.ts';
import { importOptuna } from './import-optuna.ts';
import { parsePythonJson } from './python-json.ts';

/** Seeds that are tried every time; those that once found a fault stay. */
const SEEDS = Array.from({ length: 40 }, (_, index) => index);
const FIXTURES = join(import.meta.dirname, 'fixtures');

let homes: PreparedHomes;
let storage: Storage;
let folder: string;
let document: string;

beforeAll(async () => {
  homes = await prepareHomes();
  storage = await openStorage(homes.create());
  folder = join(homes.folder, 'files');
  mkdirSync(folder);
  const { study } = await importOptuna(storage, join(FIXTURES, 'optuna.db'), {
    study: 'conditional',
    now: new Date('2026-01-01'),
  });
  document = await joined(exportJson(storage.db, study, 'all'));
}, 120_000);

afterAll(async () => {
  await storage[Symbol.asyncDispose]();
  homes[Symbol.dispose]();
});

const VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    -1,
    0,
    0.5,
    1e9,
    2 ** 53,
    1e308,
    -1e-308,
    '',
    'x',
    'a/b=c',
    '__proto__',
    'constructor',
    '\0',
    '\ud800',
  ],
  ...['2026-13-01T00:00:00Z', '0000-01-01T00:00:00Z', [], {}, [null], { a: 1 }, JSON.parse('{"__proto__": {"a": 1}}')],
  Array.from({ length: 150 }).reduce<unknown>((inner) => [inner], 1),
];
const WORDS: readonly string[] = [
  'NaN',
  '-Infinity',
  '1e999',
  'null',
  '"',
  '\\u0000',
  '{',
  '}',
  '[',
  ']',
  ',',
  '\n',
  '\ufeff',
];

function pick<T>(rng: Rng, from: readonly T[]): T {
  return from[Math.floor(rng.next() * from.length)] as T;
}

/** JSON with up to three of its values replaced, taken away or put elsewhere. */
function changedJson(text: string, rng: Rng): string {
  const content = parsePythonJson(text);
  for (let change = 0; change < 1 + rng.next() * 3; change++) {
    let parent = content as Record<string, unknown>;
    let key = pick(rng, Object.keys(parent));
    // Deeper with a chance of nine in ten, so that leaves are reached.
    for (let child = parent[key]; rng.next() < 0.9 && isParent(child); child = parent[key]) {
      parent = child;
      key = pick(rng, Object.keys(parent));
    }
    // A copy, which may be put inside of itself.
    const value = structuredClone(parent[key]);
    const kind = rng.next();
    if (kind < 0.6) parent[key] = pick(rng, VALUES);
    else if (kind < 0.7) Reflect.deleteProperty(parent, key);
    else if (kind < 0.8) parent[pick(rng, ['name', 'values', 'number', 'x'])] = value;
    else if (kind < 0.9) parent[key] = structuredClone(parent[pick(rng, Object.keys(parent))]);
    else if (typeof value === 'number') parent[key] = -value;
    else if (Array.isArray(value)) parent[key] = [...(value as unknown[]), ...(value as unknown[])];
  }
  return JSON.stringify(content);
}

function isParent(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** Bytes flipped, cut out, doubled or spliced. */
function changedBytes(bytes: Buffer, rng: Rng): Buffer {
  const at = Math.floor(rng.next() * bytes.length);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  const length = 1 + Math.floor(rng.next() * 200);
  switch (Math.floor(rng.next() * 5)) {
    case 0:
      return Buffer.concat([before, Buffer.from([Math.floor(rng.next() * 256)]), after.subarray(1)]);
    case 1:
      return Buffer.concat([before, after.subarray(length)]);
    case 2:
      return Buffer.concat([before, after.subarray(0, length), after]);
    case 3:
      return before;
    default:
      return Buffer.concat([before, Buffer.from(pick(rng, WORDS)), after]);
  }
}

/** Every line of a journal is JSON of its own. */
function changedLines(bytes: Buffer, rng: Rng): string {
  const lines = bytes.toString('utf8').split('\n');
  for (let change = 0; change < 1 + rng.next() * 3; change++) {
    const at = Math.floor(rng.next() * (lines.length - 1));
    const kind = rng.next();
    if (kind < 0.7) lines[at] = changedJson(lines[at] as string, rng);
    else if (kind < 0.85) lines.splice(at, 1);
    else lines.splice(Math.floor(rng.next() * (lines.length - 1)), 0, lines[at] as string);
  }
  return lines.join('\n');
}

async function joined(pieces: AsyncIterable<string>): Promise<string> {
  let whole = '';
  for await (const piece of pieces) whole += piece;
  return whole;
}

/** Imports, and reads what came of it in every way. */
async function hold(
  seed: string,
  content: Buffer | string,
  bring: (file: string) => Promise<{ study: Study }>,
): Promise<void> {
  const file = join(folder, seed);
  writeFileSync(file, content);
  const before = (await listStudies(storage.db)).length;
  let study: Study;
  try {
    ({ study } = await bring(file));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message, seed).not.toMatch(/undefined|\[object/);
    expect(await listStudies(storage.db), seed).toHaveLength(before);
    return;
  }
  const { db } = storage;
  await gatherReport(db, study);
  await gatherFindings(db, study, { data: undefined });
  await atOneMoment(db, async (standing) => {
    await joined(exportCsv(standing, study, 'all'));
    expect(JSON.parse(await joined(exportJson(standing, study, 'all')))).toMatchObject({ study: { name: study.name } });
  });
}

const now = new Date('2026-01-01');

describe('a file that was changed at random is refused whole, or read whole', () => {
  it.each(SEEDS)('a document of ours (seed %i)', async (seed) => {
    const rng = createRng('import-document', seed);
    const changed = rng.next() < 0.7 ? changedJson(document, rng) : changedBytes(Buffer.from(document), rng);
    await hold(`document-${seed}`, changed, (file) => importDocument(storage, file, { as: `document-${seed}` }));
  });

  it.each(SEEDS)('a journal of Optuna (seed %i)', async (seed) => {
    const rng = createRng('import-journal', seed);
    const bytes = readFileSync(join(FIXTURES, 'optuna.journal'));
    const changed = rng.next() < 0.7 ? changedLines(bytes, rng) : changedBytes(bytes, rng);
    const study = pick(rng, ['conditional', 'Dynamic Space']);
    await hold(`journal-${seed}`, changed, (file) =>
      importOptuna(storage, file, { study, as: `journal-${seed}`, now }),
    );
  });

  it.each(SEEDS)('a database of Optuna (seed %i)', async (seed) => {
    const rng = createRng('import-sqlite', seed);
    const changed = changedBytes(readFileSync(join(FIXTURES, 'optuna.db')), rng);
    const study = pick(rng, ['conditional', 'Dynamic Space']);
    await hold(`sqlite-${seed}`, changed, (file) => importOptuna(storage, file, { study, as: `sqlite-${seed}`, now }));
  });
});
