/**
 * Operations made at random from the schema, valid ones and ones that are wrong in one place, over HTTP: none may end in an error of
 * ours, tell how the server is built, or leave it unable to answer. Seeds that found something are kept; KINETUNE_FUZZ_SEEDS=1000 runs
 * so many others.
 */
import { inspect } from 'node:util';
import { createRng, type Rng } from '@kinetune/study';
import {
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
} from 'graphql';
import { runningStudy } from '@kinetune/storage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../graphql/schema.ts';
import { serveApi, type ServedApi } from '../testing/served-api.ts';

const KEPT_SEEDS: readonly number[] = [1, 2, 3, 5, 8, 13, 21, 34];
const OPERATIONS = 40;
const more = Number(process.env['KINETUNE_FUZZ_SEEDS'] ?? 0);
const seeds = [...KEPT_SEEDS, ...Array.from({ length: more }, (_, index) => 1000 + index)];

const STRANGE_TEXTS = [
  '',
  ' ',
  '\0',
  '"',
  '\\',
  '💥',
  'a'.repeat(5_000),
  '../../etc/passwd',
  "'; drop table studies; --",
  '${1}',
  '-1',
  'NaN',
  '__proto__',
];
const STRANGE_NUMBERS = [0, -1, 1, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308, 0.5];

interface Pool {
  readonly rng: Rng;
  /** Ids of things that are there. */
  readonly ids: readonly string[];
}

function pick<T>(rng: Rng, from: readonly T[]): T {
  return from[Math.floor(rng.next() * from.length)] as T;
}

/** A value as GraphQL writes it; one in twenty is of no type in particular. */
function valueOf(type: GraphQLInputType, pool: Pool, depth = 0): string {
  const { rng, ids } = pool;
  if (rng.next() < 0.05) return pick(rng, ['null', '[]', '{}', 'true', '1.5e400', '"x"', 'NOT_A_WORD', '$nothing']);
  if (isNonNullType(type)) return valueOf(type.ofType, pool, depth);
  if (rng.next() < 0.1) return 'null';
  if (isListType(type))
    return `[${Array.from({ length: Math.floor(rng.next() * 3) }, () => valueOf(type.ofType, pool, depth)).join(', ')}]`;
  const named = getNamedType(type);
  if (isEnumType(named)) return pick(rng, named.getValues()).name;
  if (isInputObjectType(named)) {
    const fields = Object.values(named.getFields()).filter(
      (field) => isNonNullType(field.type) || (depth < 3 && rng.next() < 0.5),
    );
    return `{ ${fields.map((field) => `${field.name}: ${valueOf(field.type, pool, depth + 1)}`).join(', ')} }`;
  }
  if (named.name === 'ID') return JSON.stringify(pick(rng, rng.next() < 0.7 ? ids : STRANGE_TEXTS));
  if (named.name === 'Boolean') return String(rng.next() < 0.5);
  if (named.name === 'Int' || named.name === 'SafeInt')
    return String(Math.floor(rng.next() < 0.6 ? rng.next() * 20 : pick(rng, STRANGE_NUMBERS)));
  if (named.name === 'Float') return String(rng.next() < 0.6 ? rng.next() : pick(rng, STRANGE_NUMBERS));
  if (named.name === 'DateTime') return pick(rng, ['"2026-01-01T00:00:00Z"', '"never"', '"+275760-09-13T00:00:00Z"']);
  if (named.name === 'JSON') return pick(rng, ['{ a: [1, { b: null }] }', '0', '"x"', '[[[[]]]]']);
  return JSON.stringify(pick(rng, STRANGE_TEXTS));
}

function fieldOf(field: GraphQLField<unknown, unknown>, pool: Pool, depth: number): string {
  const { rng } = pool;
  const args = field.args
    .filter((arg) => isNonNullType(arg.type) || rng.next() < 0.4)
    .map((arg) => `${arg.name}: ${valueOf(arg.type, pool)}`);
  const type = getNamedType(field.type);
  const selection = isCompositeType(type) ? ` ${selectionOf(type.name, pool, depth - 1)}` : '';
  const alias = rng.next() < 0.2 ? `a${Math.floor(rng.next() * 5)}: ` : '';
  return `${alias}${field.name}${args.length === 0 ? '' : `(${args.join(', ')})`}${selection}`;
}

function selectionOf(name: string, pool: Pool, depth: number): string {
  const { rng } = pool;
  const type = schema.getType(name);
  if (isUnionType(type))
    return `{ __typename ${type
      .getTypes()
      .map((one) => `... on ${one.name} ${selectionOf(one.name, pool, depth)}`)
      .join(' ')} }`;
  if (!isObjectType(type) || depth <= 0) return '{ __typename }';
  const fields = Object.values(type.getFields()).filter(() => rng.next() < 0.35);
  return `{ __typename ${fields.map((field) => fieldOf(field, pool, depth)).join(' ')} }`;
}

function operationOf(root: GraphQLObjectType, pool: Pool): string {
  const { rng } = pool;
  // Where one token exists, who shows none is refused: all that follows would be.
  const fields = Object.values(root.getFields()).filter(({ name }) => name !== 'createApiToken');
  const chosen = Array.from({ length: 1 + Math.floor(rng.next() * 2) }, () => fieldOf(pick(rng, fields), pool, 4));
  const text = `${root.name.toLowerCase()} { ${chosen.join(' ')} }`;
  if (rng.next() < 0.85) return text;
  // A character left out, doubled or replaced.
  const at = Math.floor(rng.next() * text.length);
  return (
    text.slice(0, at) +
    pick(rng, ['', text[at] ?? '', '{', '"', '\u0000']) +
    text.slice(at + Math.floor(rng.next() * 2))
  );
}

describe('operations made at random', () => {
  let api: ServedApi;
  let ids: readonly string[] = [];
  beforeAll(async () => {
    api = await serveApi();
    const { study, propose, claim } = await runningStudy(api.db, { name: 'fuzzed' });
    for (const number of [0, 1]) await propose(number);
    const { trial } = await claim();
    const global = (type: string, id: string): string => Buffer.from(`${type}:${id}`).toString('base64');
    ids = [
      global('Study', study.id),
      global('Trial', trial.id),
      global('Configuration', trial.configurationId),
      global('Study', 'x'),
      global('Nothing', study.id),
      global('Trial', '00000000-0000-4000-8000-000000000000'),
    ];
  });
  afterAll(() => api[Symbol.asyncDispose]());

  it.each(seeds)(
    'leave the server well: seed %i',
    async (seed) => {
      const pool: Pool = { rng: createRng(seed), ids };
      const roots = [schema.getQueryType(), schema.getQueryType(), schema.getMutationType()];
      for (let index = 0; index < OPERATIONS; index++) {
        const query = operationOf(pick(pool.rng, roots) as GraphQLObjectType, pool);
        const response = await fetch(`${api.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query }),
        });
        const text = await response.text();
        expect(response.status, query).toBeLessThan(500);
        expect(text, query).not.toMatch(/INTERNAL_SERVER_ERROR|node_modules|\/src\/|stacktrace|Failed query/);
      }
      expect(api.hidden.map((error) => inspect(error).slice(0, 2_000))).toEqual([]);
      expect(await api.ask('{ __typename }')).toEqual({ data: { __typename: 'Query' } });
    },
    60_000,
  );
});

describe('bodies that are no operations', () => {
  it.each<[string, string | Buffer, Record<string, string>]>([
    ['no JSON', '{', {}],
    ['another type of content', '<a/>', { 'content-type': 'text/xml' }],
    ['a list', '[]', {}],
    ['a batch', '[{"query":"{__typename}"}]', {}],
    ['a large one', `{"query":"${' '.repeat(2_000_000)}"}`, {}],
    ['many words', JSON.stringify({ query: `{ ${'__typename '.repeat(20_000)} }` }), {}],
    [
      'many aliases',
      JSON.stringify({
        query: `{ ${Array.from({ length: 900 }, (_, i) => `a${i}: studies { nodes { id } }`).join(' ')} }`,
      }),
      {},
    ],
    [
      'fragments in a circle',
      JSON.stringify({ query: '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }' }),
      {},
    ],
    [
      'fragments that double',
      JSON.stringify({
        query: `{ ...f0 } ${Array.from({ length: 40 }, (_, i) => `fragment f${i} on Query { a: __schema { queryType { name } } ${i < 39 ? `...f${i + 1} ...f${i + 1}` : ''} }`).join(' ')}`,
      }),
      {},
    ],
    [
      'the schema many times over',
      JSON.stringify({
        query: `{ ${Array.from({ length: 200 }, (_, i) => `s${i}: __schema { types { fields { name } } }`).join(' ')} }`,
      }),
      {},
    ],
    ['a strange path', '{}', { 'x-path': '/%E0%A4%A' }],
  ])('are refused: %s', async (_, body, { 'x-path': path = '/graphql', ...headers }) => {
    await using api = await served();
    const response = await fetch(`${api.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    const text = await response.text();
    expect(response.status).toBeLessThan(500);
    expect(text).toMatch(/^\{"errors?":/);
    expect(text).not.toMatch(/node_modules|\/src\/|stacktrace/);
    expect((await api.ask('{ __typename }')).data).toBeDefined();
  });

  it('with deeply nested variables that nothing uses are answered', async () => {
    await using api = await served();
    const variables = JSON.parse(`${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`) as object;
    expect((await api.ask('{ __typename }', variables)).data).toBeDefined();
  });

  let shared: ServedApi | undefined;
  /** One server for all, disposed of by none. */
  async function served(): Promise<ServedApi> {
    shared ??= await serveApi();
    return { ...shared, [Symbol.asyncDispose]: async () => {} };
  }
  afterAll(() => shared?.[Symbol.asyncDispose]());
});
