/** Who may do what, over HTTP and websockets, on a server that demands tokens. */
import { createApiToken, revokeApiTokens, rotateApiToken, listStudies, type Database } from '@kinetune/storage';
import { runningStudy } from '@kinetune/storage/testing';
import {
  getNamedType,
  isInputObjectType,
  isNonNullType,
  isScalarType,
  isListType,
  type GraphQLInputType,
} from 'graphql';
import { createClient, type Client } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { schema } from '../graphql/schema.ts';
import { serveApi, type Answer, type ServedApi } from '../testing/served-api.ts';

/** A value that has the form of the type: what is asked for does not exist, which is found out after who asks. */
function someValue(type: GraphQLInputType, node: string): unknown {
  if (isNonNullType(type)) return someValue(type.ofType, node);
  if (isListType(type)) return [someValue(type.ofType, node)];
  const named = getNamedType(type);
  if (isInputObjectType(named)) {
    const fields = Object.values(named.getFields()).filter(({ type: field }) => isNonNullType(field));
    return Object.fromEntries(fields.map((field) => [field.name, someValue(field.type, node)]));
  }
  if (!isScalarType(named)) return named.getValues()[0]?.name;
  if (named.name === 'ID') return Buffer.from(`${node}:00000000-0000-4000-8000-000000000000`).toString('base64');
  if (named.name === 'DateTime') return '2026-01-01T00:00:00Z';
  if (named.name === 'Boolean') return true;
  return named.name === 'String' ? 'some' : 1;
}

const mutations = Object.values(schema.getMutationType()?.getFields() ?? {}).map(({ name, args }) => ({
  name,
  query: `mutation (${args.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ')}) {
    ${name}(${args.map((arg) => `${arg.name}: $${arg.name}`).join(', ')}) { __typename } }`,
  variablesOf: (node: string) => Object.fromEntries(args.map((arg) => [arg.name, someValue(arg.type, node)])),
}));

describe('access with tokens', () => {
  let api: ServedApi;
  let db: Database;
  let [viewer, editor] = ['', ''];
  beforeAll(async () => {
    api = await serveApi({ rates: { failuresPerMinute: 10_000 } });
    db = api.db;
    viewer = (await createApiToken(db, { name: 'reader', role: 'viewer', expiresAt: null })).secret;
    editor = (await createApiToken(db, { name: 'writer', role: 'editor', expiresAt: null })).secret;
    await runningStudy(db, { name: 'watched' });
  });
  afterAll(() => api[Symbol.asyncDispose]());

  async function ask(secret: string | undefined, query: string, variables: object = {}): Promise<Answer> {
    const response = await fetch(`${api.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Answer;
  }
  const codeOf = ({ errors }: Answer): unknown => errors?.[0]?.extensions['code'];

  it('lets nobody in without one, over HTTP', async () => {
    for (const secret of [
      undefined,
      'kt_nonsense',
      `kt_${'0'.repeat(32)}_${'A'.repeat(43)}`,
      `${editor.slice(0, -2)}__`,
    ])
      expect(codeOf(await ask(secret, '{ __typename }'))).toBe('UNAUTHENTICATED');
    const none = await fetch(`${api.url}/graphql`, { method: 'POST', body: '{' });
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect((await fetch(`${api.url}/metrics`)).status).toBe(401);
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
    expect((await ask(viewer, '{ __typename }')).data).toEqual({ __typename: 'Query' });
  });

  it('covers mutations of the schema', () => expect(mutations.length).toBeGreaterThan(3));

  it.each(mutations)('lets editors alone run $name; refused, it changes nothing', async ({ query, variablesOf }) => {
    const before = await listStudies(db);
    const nodes = ['Study', 'Trial', 'Configuration', 'Round'];
    const fits = await Promise.all(
      nodes.map(async (node) => codeOf(await ask(viewer, query, variablesOf(node))) !== 'BAD_USER_INPUT'),
    );
    const variables = variablesOf(nodes[fits.indexOf(true)] ?? 'Study');
    const [anonymous, read, wrote] = await Promise.all(
      [undefined, viewer, editor].map((secret) => ask(secret, query, variables)),
    );
    expect(codeOf(anonymous as Answer)).toBe('UNAUTHENTICATED');
    expect(codeOf(read as Answer)).toBe('FORBIDDEN');
    expect((read as Answer).errors?.[0]?.message).toBe(
      'expected a token of the role editor, got one of the role viewer (reader)',
    );
    expect(['UNAUTHENTICATED', 'FORBIDDEN']).not.toContain(codeOf(wrote as Answer));
    expect(await listStudies(db)).toEqual(before);
  });

  function connect(secret: string | undefined): { readonly client: Client; readonly closed: Promise<CloseEvent> } {
    const { promise: closed, resolve } = Promise.withResolvers<CloseEvent>();
    const client = createClient({
      url: `${api.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      ...(secret === undefined ? {} : { connectionParams: { authorization: `Bearer ${secret}` } }),
      on: { closed: (event) => resolve(event as CloseEvent) },
    });
    return { client, closed };
  }
  async function metricsOf(secret: string): Promise<string> {
    const response = await fetch(`${api.url}/metrics`, { headers: { authorization: `Bearer ${secret}` } });
    return response.text();
  }
  async function first(client: Client, query: string, variables: Record<string, unknown> = {}): Promise<unknown> {
    for await (const result of client.iterate({ query, variables })) return result;
    return undefined;
  }

  it('lets nobody in without one, over websockets, and viewers change nothing there either', async () => {
    for (const secret of [undefined, 'kt_nonsense']) {
      const { client, closed } = connect(secret);
      await expect(first(client, '{ __typename }')).rejects.toMatchObject({ code: 4401 });
      expect((await closed).reason).toMatch(/^expected/);
    }
    const { client } = connect(viewer);
    expect(await first(client, '{ __typename }')).toEqual({ data: { __typename: 'Query' } });
    const [mutation] = mutations;
    const refused = await first(client, mutation?.query as string, mutation?.variablesOf('Study'));
    expect(refused).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    await client.dispose();
  });

  it.each([
    ['is revoked', (name: string) => revokeApiTokens(db, name)],
    ['is rotated without grace', (name: string) => rotateApiToken(db, name, { graceMs: 0, now: new Date() })],
    ['expires', (name: string) => rotateApiToken(db, name, { graceMs: 300, now: new Date() })],
  ])('ends the subscriptions of a token that %s', async (how, end) => {
    const name = `short ${how}`;
    const { secret } = await createApiToken(db, { name, role: 'viewer', expiresAt: null });
    const { id } = (await ask(secret, '{ study(name: "watched") { id } }')).data.study;
    const { client, closed } = connect(secret);
    const others = connect(viewer);
    const query = 'subscription ($id: ID!) { trialUpdates(studyId: $id) { cursor } }';
    const ended = first(client, query, { id }).catch((error: unknown) => error);
    expect(await first(client, '{ __typename }')).toBeDefined();
    expect(await metricsOf(secret)).toContain('\nkinetune_subscriptions 1\n');
    expect(await first(others.client, '{ __typename }')).toBeDefined();
    const endedAt = performance.now();
    await end(name);
    expect(await closed).toMatchObject({ code: 4401, reason: 'the token was revoked or has expired' });
    // Its own look is every half second; the bound only says that it is not found out at the next minute.
    expect(performance.now() - endedAt).toBeLessThan(10_000);
    await ended;
    expect(codeOf(await ask(secret, '{ __typename }'))).toBe('UNAUTHENTICATED');
    await others.client.dispose();
  });

  it('tells what went wrong, never how the server is built', async () => {
    const answers = await Promise.all([
      ask(viewer, '{'),
      ask(viewer, '{ nothing }'),
      ask(viewer, 'query ($id: ID!) { node(id: $id) { id } }', { id: 'x' }),
      ask('kt_nonsense', '{ __typename }'),
    ]);
    expect(JSON.stringify(answers)).not.toMatch(/node_modules|\/src\/|stacktrace|"http"/);
  });
});

describe('a server on loopback without tokens', () => {
  it('takes everyone for the editor at the machine until there is one', async () => {
    await using api = await serveApi();
    expect((await api.ask('{ __typename }')).data).toBeDefined();
    const client = createClient({
      url: `${api.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
    const opened = client.iterate({ query: '{ __typename }' });
    expect((await opened.next()).value).toBeDefined();
    await createApiToken(api.db, { name: 'first', role: 'viewer', expiresAt: null });
    await expect
      .poll(async () => (await api.ask('{ __typename }')).errors?.[0]?.extensions['code'])
      .toBe('UNAUTHENTICATED');
    await revokeApiTokens(api.db, 'first');
    await expect.poll(async () => (await api.ask('{ __typename }')).data).toBeDefined();
    await client.dispose();
  });
});

describe('a server that others can reach', () => {
  it('does not start before there is a token', async () => {
    await expect(serveApi({ host: '0.0.0.0' })).rejects.toThrow('kinetune token create <name> --role editor');
  });
});
