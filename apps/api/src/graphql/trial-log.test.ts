import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { finishTrial } from '@kinetune/storage';
import { runningStudy } from '@kinetune/storage/testing';
import { createClient, type Client } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { trialLogFile } from '../agent/trial-log-file.ts';
import { serveApi, type ServedApi } from '../testing/served-api.ts';

describe('trialLog and slotUpdates', () => {
  let api: ServedApi;
  let client: Client;
  beforeAll(async () => {
    api = await serveApi();
    client = createClient({
      url: `${api.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
  });
  afterAll(async () => {
    expect(api.hidden).toEqual([]);
    await client.dispose();
    await api[Symbol.asyncDispose]();
  });
  const globalId = (id: string): string => Buffer.from(`Trial:${id}`).toString('base64');
  const LOG = 'subscription ($id: ID!, $after: SafeInt) { trialLog(trialId: $id, after: $after) { cursor text } }';

  it('tell a log from an offset on, live, and complete with the trial', async () => {
    const { study, propose, claim } = await runningStudy(api.db);
    await propose(0);
    const { trial, writer } = await claim();
    const file = trialLogFile(api.home, study.name, trial);
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, 'epoch 1\n');
    let text = '';
    let cursor = 0;
    for await (const { data } of client.iterate({ query: LOG, variables: { id: globalId(trial.id), after: 2 } })) {
      const part = data?.['trialLog'] as { readonly cursor: number; readonly text: string };
      text += part.text;
      cursor = part.cursor;
      if (text === 'och 1\n') {
        appendFileSync(file, 'epoch 2\n');
        await finishTrial(api.db, writer, { state: 'COMPLETED' });
      }
    }
    expect([text, cursor]).toEqual(['och 1\nepoch 2\n', 16]);
    const { value } = await client.iterate({ query: LOG, variables: { id: globalId(trial.id), after: 99 } }).next();
    expect(value?.errors).toMatchObject([
      {
        message: "expected a cursor from 0 to 16, the log's end, got 99",
        extensions: { code: 'REFUSED', field: ['after'] },
      },
    ]);
  });

  it('tell the slots with what they train', async () => {
    const { agent, propose, claim } = await runningStudy(api.db);
    const [trial] = await propose(3);
    const changes = client.iterate<Record<string, never>>({
      query: 'subscription { slotUpdates { cursor isWhole slots { id device trial { id number state } } } }',
    });
    const next = async () => (await changes.next()).value?.data?.['slotUpdates'];
    const slotId = agent.slots[0]?.id;
    let change = await next();
    expect(change).toMatchObject({ isWhole: true });
    await claim();
    change = await next();
    expect(change).toMatchObject({
      isWhole: false,
      slots: [{ id: slotId, trial: { id: globalId(trial?.id as string), number: 3, state: 'RUNNING' } }],
    });
    await changes.return?.(undefined);
  });
});
