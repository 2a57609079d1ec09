/** Who may name a program that the server then runs: over HTTP and websockets, from the machine and from elsewhere. */
import { createApiToken, listStudies } from '@kinetune/storage';
import { createClient } from 'graphql-ws';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { serveApi, type Answer, type ServedApi } from '../testing/served-api.ts';

const TRAINER = { command: ['node', 'train.js'], metrics: [{ name: 'score', direction: 'maximise' }] };
const RANGE = { type: 'float', minimum: 0, maximum: 1 };
const asYaml = (name: string) => ({
  yaml: JSON.stringify({
    name,
    goal: 'Runs a program',
    trainer: TRAINER,
    objective: { metric: 'score', direction: 'maximise' },
    space: { x: RANGE },
    budget: { trials: 2 },
  }),
});
const MUTATION = `mutation ($input: CreateStudyInput!) {
  createStudy(input: $input) { __typename ... on CreateStudyPayload { studies { name } } ... on Refusal { code field message } } }`;

/** What a proxy on the machine adds to what it passes on from elsewhere. */
const ELSEWHERE = { 'x-forwarded-for': '203.0.113.7' };

async function serve(options: { readonly areCommandsAllowed?: boolean } = {}) {
  const api = await serveApi(options);
  const { secret } = await createApiToken(api.db, { name: 'ann', role: 'editor', expiresAt: null });
  return { api, authorization: `Bearer ${secret}` };
}

async function createOverHttp(
  { url }: ServedApi,
  { input, headers }: { readonly input: object; readonly headers: Readonly<Record<string, string>> },
) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: MUTATION, variables: { input } }),
  });
  return ((await response.json()) as Answer).data.createStudy;
}

async function createOverSocket(
  { url }: ServedApi,
  { input, headers, authorization }: Record<'input' | 'headers', object> & { readonly authorization: string },
) {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: class extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols, { headers: headers as Record<string, string> });
      }
    },
    connectionParams: { authorization },
    retryAttempts: 0,
  });
  try {
    for await (const { data } of client.iterate({ query: MUTATION, variables: { input } }))
      return (data as Answer['data']).createStudy;
  } finally {
    await client.dispose();
  }
}

describe('a command as trainer', () => {
  it('is refused to an editor from elsewhere, over HTTP and websockets, and nothing is created', async () => {
    const { api, authorization } = await serve();
    await using _ = api;
    const refusal = { __typename: 'Refusal', code: 'command-not-allowed' };
    for (const input of [asYaml('far'), { ...asYaml('far'), dryRun: true }]) {
      const field = ['yaml', 'trainer'];
      expect(await createOverHttp(api, { input, headers: { authorization, ...ELSEWHERE } })).toMatchObject({
        ...refusal,
        field,
        message: expect.stringContaining('--allow-commands'),
      });
      expect(await createOverSocket(api, { input, headers: ELSEWHERE, authorization })).toMatchObject({
        ...refusal,
        field,
      });
    }
    expect(await listStudies(api.db)).toEqual([]);
  });

  it('is taken from an editor on the machine, and from any where the operator allows it', async () => {
    {
      const { api, authorization } = await serve();
      await using _ = api;
      const created = await createOverHttp(api, { input: asYaml('near'), headers: { authorization } });
      expect(created).toMatchObject({ studies: [{ name: 'near' }] });
      expect(await createOverSocket(api, { input: asYaml('near-too'), headers: {}, authorization })).toMatchObject({
        studies: [{ name: 'near-too' }],
      });
    }
    const { api, authorization } = await serve({ areCommandsAllowed: true });
    await using _ = api;
    const headers = { authorization, ...ELSEWHERE };
    expect(await createOverHttp(api, { input: asYaml('far'), headers })).toMatchObject({ studies: [{ name: 'far' }] });
  });
});
