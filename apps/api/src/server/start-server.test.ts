import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage, recordMeasurements, type Storage } from '@kinetune/storage';
import { runningStudy } from '@kinetune/storage/testing';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startServer, type ApiServer } from './start-server.ts';

describe('the API server', () => {
  const home = mkdtempSync(join(tmpdir(), 'kinetune-server-'));
  const errors: unknown[] = [];
  let storage: Storage;
  let server: ApiServer;
  let measure: (step: number) => Promise<unknown>;

  beforeAll(async () => {
    storage = await openStorage(home);
    const { db } = storage;
    const { propose, claim } = await runningStudy(db, { name: 'served' });
    for (let number = 0; number < 5; number++)
      await propose(number, [2 ** 32 - 1], { learningRate: 0.01 * (number + 1) });
    const { writer } = await claim();
    measure = (step) =>
      recordMeasurements(db, writer, [
        { step, epoch: step, values: { trainLoss: NaN, validationAccuracy: step / 100 } },
      ]);
    const rules = { hosts: [], origins: ['http://localhost:3000'] };
    server = await startServer({ db, home, host: '127.0.0.1', port: 0, rules, onError: (entry) => errors.push(entry) });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await storage[Symbol.asyncDispose]();
    rmSync(home, { recursive: true });
  });

  interface Answer {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a tree of whatever was asked for
    readonly data?: any;
    readonly errors?: readonly { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }[];
  }

  async function ask(query: string, variables: object = {}, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Answer;
  }

  it('is healthy and ready', async () => {
    for (const path of ['/healthz', '/readyz']) expect((await fetch(server.url + path)).status).toBe(200);
  });

  it('pages through trials, sorted and filtered', async () => {
    const query = `query ($after: String) { study(name: "served") {
      id trialCounts { state count }
      trials(first: 2, after: $after, order: { by: NUMBER, isDescending: true }, filter: { states: [QUEUED] }) {
        totalCount pageInfo { hasNextPage endCursor } nodes { number seed values state }
      } } }`;
    const first = (await ask(query)).data.study;
    expect(first.trials).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } });
    expect(first.trials.nodes).toEqual([
      { number: 4, seed: 2 ** 32 - 1, values: { learningRate: 0.05 }, state: 'QUEUED' },
      { number: 3, seed: 2 ** 32 - 1, values: { learningRate: 0.04 }, state: 'QUEUED' },
    ]);
    expect(first.trialCounts).toContainEqual({ state: 'QUEUED', count: 4 });
    const second = (await ask(query, { after: first.trials.pageInfo.endCursor })).data.study.trials;
    expect(second.pageInfo.hasNextPage).toBe(false);
    expect(second.nodes.map(({ number }: { number: number }) => number)).toEqual([2, 1]);
    const wrong = await ask(query, { after: 'bm9uc2Vuc2U' });
    expect(wrong.errors?.[0]?.message).toContain('expected a cursor of this connection in the same order');
  });

  it('finds nodes by their ids', async () => {
    const { id } = (await ask('{ study(name: "served") { id } }')).data.study;
    const found = await ask('query ($id: ID!) { node(id: $id) { id ... on Study { name } } }', { id });
    expect(found.data.node).toEqual({ id, name: 'served' });
    const none = Buffer.from('Study:00000000-0000-4000-8000-000000000000').toString('base64');
    expect((await ask('query ($id: ID!) { node(id: $id) { id } }', { id: none })).data.node).toBeNull();
  });

  it('refuses with a typed result that names the field', async () => {
    const { id } = (await ask('{ study(name: "served") { id } }')).data.study;
    const mutation = `mutation ($input: ExtendStudyBudgetInput!) { extendStudyBudget(input: $input) {
      __typename ... on Study { budget } ... on Refusal { code message field } } }`;
    const refused = await ask(mutation, { input: { studyId: id, trials: 0 } });
    expect(refused.data.extendStudyBudget).toMatchObject({
      __typename: 'Refusal',
      code: 'bad-budget',
      field: ['trials'],
    });
    const extended = await ask(mutation, { input: { studyId: id, trials: 77 } });
    expect(extended.data.extendStudyBudget).toEqual({ __typename: 'Study', budget: 77 });
  });

  interface EpochData extends Record<string, unknown> {
    readonly epochs: {
      readonly cursor: number;
      readonly epochs: readonly { readonly step: number; readonly values: readonly (number | null)[] }[];
    };
  }

  it('sends each stored epoch once, over a socket that is lost and comes back', async () => {
    const { id, cursor } = (await ask('{ study(name: "served") { id cursor } }')).data.study;
    const steps: number[] = [];
    let last: number = cursor;
    const follow = async (count: number): Promise<void> => {
      const client = createClient({ url: `${server.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
      const events = client.iterate<EpochData>({
        query:
          'subscription ($id: ID!, $after: SafeInt) { epochs(studyId: $id, after: $after) { cursor epochs { step number values } } }',
        variables: { id, after: last },
      });
      for await (const { data, errors: failed } of events) {
        expect(failed).toBeUndefined();
        const batch = (data as EpochData).epochs;
        steps.push(...batch.epochs.map(({ step }) => step));
        expect(batch.epochs[0]?.values[0]).toBeNull();
        last = batch.cursor;
        if (steps.length >= count) break;
      }
      await client.dispose();
    };
    const first = follow(3);
    for (const step of [1, 2, 3]) await measure(step);
    await first;
    for (const step of [4, 5, 6]) await measure(step);
    const second = follow(8);
    for (const step of [7, 8]) await measure(step);
    await second;
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('answers to no other name and no other site', async () => {
    const asked = await ask('{ __typename }', {}, { origin: 'https://evil.example' });
    expect(asked).toEqual({
      error: expect.stringContaining("expected a request of this server's own pages, got one of"),
    });
    expect((await ask('{ __typename }', {}, { origin: 'http://localhost:3000' })).data).toEqual({
      __typename: 'Query',
    });
    const simple = await fetch(`${server.url}/graphql?query=%7B__typename%7D`);
    expect(simple.status).toBe(400); // Cross-site request forgery: a form of another page could send this.
  });

  it('refuses operations that are too deep or too costly before they run', async () => {
    const costly = '{ studies { nodes { trials(first: 500) { nodes { id } } } } }';
    expect((await ask(costly)).errors?.[0]?.message).toMatch(/at most 20000 in complexity, got \d+: ask for fewer/);
  });

  it('tells nothing of itself in its errors', async () => {
    const { errors: failed } = await ask('{ study(name: 7) { id } }');
    expect(JSON.stringify(failed)).not.toMatch(/node_modules|\/src\/|stack/);
    expect(errors).toEqual([]);
  });
});
