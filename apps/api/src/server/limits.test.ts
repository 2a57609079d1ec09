/** What a client may ask for at once and how often; what stopping tells it. */
import { getIntrospectionQuery, getOperationAST, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { serveApi } from '../testing/served-api.ts';
import { countRootFields } from './operation-size.ts';
import { createRateLimits } from './rate-limits.ts';

describe('a server', () => {
  it('counts mutation fields against a rate, aliases each, over HTTP and websockets alike', async () => {
    await using api = await serveApi({ rates: { mutationsPerMinute: 5 } });
    const revoke = (count: number): string =>
      `mutation { ${Array.from({ length: count }, (_, index) => `a${index}: revokeApiToken(input: { name: "x" }) { __typename }`).join(' ')} }`;
    expect((await api.ask(revoke(3))).data).toBeDefined();
    const response = await fetch(`${api.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: revoke(3) }),
    });
    expect([response.status, Number(response.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
    expect((await api.ask('{ __typename }')).data).toBeDefined();
    const client = createClient({ url: `${api.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
    const refused = client.iterate({ query: revoke(1) }).next();
    await expect(refused).rejects.toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
    await client.dispose();
  });

  it.each(['\0', '\ud800'])(
    'refuses text that its database cannot keep, over HTTP and websockets alike: %j',
    async (odd) => {
      await using api = await serveApi();
      const query = 'mutation ($name: String!) { revokeApiToken(input: { name: $name }) { __typename } }';
      const refusal = {
        message: expect.stringContaining('expected text without'),
        extensions: { code: 'BAD_USER_INPUT' },
      };
      expect((await api.ask(query, { name: `a${odd}` })).errors).toMatchObject([refusal]);
      const client = createClient({ url: `${api.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
      const refused = client.iterate({ query, variables: { name: `a${odd}` } }).next();
      await expect(refused).rejects.toMatchObject([refusal]);
      await client.dispose();
    },
  );

  it('tells its schema to tools, once in an operation; sends headers that keep browsers away', async () => {
    await using api = await serveApi();
    expect((await api.ask(getIntrospectionQuery())).data.__schema).toBeDefined();
    const many = `{ ${Array.from({ length: 101 }, (_, index) => `a${index}: __schema { types { name } }`).join(' ')} }`;
    expect((await api.ask(many)).errors?.[0]?.message).toMatch(/at most 300 fields .*, got 303: ask for it once/);
    const { headers } = await fetch(`${api.url}/healthz`);
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('refuses a subscription that is too large before it waits for anything', async () => {
    await using api = await serveApi();
    const client = createClient({ url: `${api.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
    const fields = Array.from({ length: 450 }, (_, index) => `a${index}: cursor`).join(' ');
    const query = `subscription { trialUpdates(studyId: "x") { ${fields} } }`;
    await expect(client.iterate({ query }).next()).rejects.toMatchObject([
      { extensions: { code: 'OPERATION_TOO_COSTLY' } },
    ]);
    await client.dispose();
  });
});

describe('the fields of an operation', () => {
  const count = (text: string): number => {
    const document = parse(text);
    const operation = getOperationAST(document);
    return operation === null || operation === undefined ? NaN : countRootFields(document, operation);
  };
  it('are counted with fragments written out, and a circle ends', () => {
    expect(count('mutation { a b: a ...f ... on Mutation { c } } fragment f on Mutation { d { e } d2: d }')).toBe(5);
    expect(count('mutation { ...f ...f } fragment f on Mutation { a }')).toBe(2);
    expect(count('mutation { ...f } fragment f on Mutation { a ...f }')).toBe(1);
  });
});

describe('failed authentications', () => {
  it('are counted for an address, and for a whole network of IPv6', async () => {
    const limits = createRateLimits({ failuresPerMinute: 2 });
    for (const address of ['2001:db8::1', '2001:db8:0:0:ffff::2']) await limits.countFailure(address);
    await expect(limits.countFailure('2001:db8:0:0:1:2:3:4')).rejects.toMatchObject({
      extensions: { code: 'RATE_LIMITED' },
    });
    await limits.countFailure('2001:db8:0:1::1');
    for (const address of ['10.0.0.1', '::ffff:10.0.0.1']) await limits.countFailure(address);
    await expect(limits.countFailure('10.0.0.1')).rejects.toThrow('failed authentications a minute');
  });
});
