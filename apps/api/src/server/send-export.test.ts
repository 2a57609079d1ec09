import { createApiToken } from '@kinetune/storage';
import { runningStudy } from '@kinetune/storage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveApi, type ServedApi } from '../testing/served-api.ts';

describe('exports of the API', () => {
  let api: ServedApi;
  let secret: string;
  beforeAll(async () => {
    api = await serveApi();
    const { propose } = await runningStudy(api.db, { name: 'exported' });
    for (const number of [0, 1]) await propose(number);
    secret = (await createApiToken(api.db, { name: 'reader', role: 'viewer', expiresAt: null })).secret;
  });
  afterAll(() => api[Symbol.asyncDispose]());
  const get = (path: string, headers: Record<string, string> = { authorization: `Bearer ${secret}` }) =>
    fetch(`${api.url}${path}`, { headers });

  it('are a table or a document, for a token that may read', async () => {
    const table = await get('/exports/exported');
    expect(table.headers.get('content-type')).toMatch(/^text\/csv/);
    expect((await table.text()).trim().split(/\r?\n/)).toHaveLength(3);
    const document = await get('/exports/exported?format=json&what=trials');
    expect(document.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await document.json()).toMatchObject({ study: { name: 'exported' } });
  });

  it('are for nobody without a token', async () => {
    expect((await get('/exports/exported', {})).status).toBe(401);
  });

  it.each([
    ['/exports/other', 404, 'unknown-study'],
    ['/exports/..%2f..%2fapi.json', 404, 'unknown-study'],
    ['/exports/exported?format=xml', 400, 'bad-export'],
    ['/exports/exported?what=weights', 400, 'bad-export'],
    ['/exports/exported?format=csv&format=json', 400, 'bad-export'],
    ['/exports/%00', 404, 'unknown-study'],
  ])('refuse %s', async (path, status, code) => {
    const response = await get(path);
    expect([response.status, await response.json()]).toEqual([status, { code, error: expect.any(String) }]);
    expect(api.hidden).toEqual([]);
  });
});
