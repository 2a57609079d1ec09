/** `kinetune token` beside a server that has the home's database open, and what that server's log and metrics say. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { runKinetune, startKinetune, type KinetuneProcess, type KinetuneResult } from './testing/kinetune-process.ts';

describe('kinetune token', () => {
  const root = mkdtempSync(join(tmpdir(), 'kinetune-token-'));
  const home = join(root, 'home');
  const log = join(root, 'log', 'server.log');
  const options = { home, trainer: undefined };
  const kinetune = (...args: readonly string[]): Promise<KinetuneResult> => runKinetune(args, options);
  let server: KinetuneProcess;
  let url = '';
  let [editor, viewer] = ['', ''];

  beforeAll(async () => {
    expect(await kinetune('serve', '--host', '0.0.0.0', '--port', '0', '--no-agent')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('kinetune token create <name> --role editor'),
    });
    editor = (await kinetune('token', 'create', 'writer', '--role', 'editor')).stdout.trim();
    const words = ['serve', '--host', '0.0.0.0', '--port', '0', '--no-agent', '--log', log, '--log-level', 'debug'];
    server = startKinetune([...words, '--json'], options);
    await server.until(/"url":"([^"]+)"/);
    url = (JSON.parse(readFileSync(join(home, 'api.json'), 'utf8')) as { url: string }).url;
    viewer = (await kinetune('token', 'create', 'reader', '--role', 'viewer', '--expires', '1h')).stdout.trim();
  }, 120_000);
  afterAll(async () => {
    server.kill('SIGTERM');
    await server.result;
    rmSync(root, { recursive: true });
  }, 60_000);

  const ask = (secret: string, query: string): Promise<Response> =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ query }),
    });

  it('makes tokens through the server that has the database, whose note only its owner can read', async () => {
    expect([editor, viewer].every((secret) => /^kt_[0-9a-f]{32}_[\w-]{43}$/.test(secret))).toBe(true);
    expect(statSync(join(home, 'api.json')).mode & 0o077).toBe(0);
    for (const secret of [editor, viewer]) expect((await ask(secret, '{ __typename }')).status).toBe(200);
    const { tokens } = JSON.parse((await kinetune('token', 'list', '--json')).stdout) as { tokens: unknown[] };
    expect(tokens).toMatchObject([
      { name: 'reader', role: 'viewer', state: 'valid' },
      { name: 'writer', role: 'editor', state: 'valid' },
    ]);
  }, 60_000);

  it('rotates and revokes them there; mistakes are told', async () => {
    const old = viewer;
    viewer = (await kinetune('token', 'rotate', 'reader', '--grace', '1h')).stdout.trim();
    for (const secret of [old, viewer]) expect((await ask(secret, '{ __typename }')).status).toBe(200);
    expect(await kinetune('token', 'revoke', 'raeder')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean reader?'),
    });
    expect(await kinetune('token', 'create', 'reader', '--role', 'editor')).toMatchObject({ code: 2 });
    expect(await kinetune('token', 'create', 'x', '--role', 'owner')).toMatchObject({ code: 2 });
  }, 120_000);

  it('gives Prometheus what it asks for', async () => {
    const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${viewer}` } });
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    for (const line of [
      /^kinetune_trials\{state="QUEUED"\} 0$/m,
      /^kinetune_slots\{state="free"\} 0$/m,
      /^kinetune_demand_slots 0$/m,
      /^kinetune_queue_depth 0$/m,
      /^kinetune_database_up 1$/m,
      /^kinetune_websocket_connections 0$/m,
      /^kinetune_graphql_operation_seconds_count\{kind="mutation",field="createApiToken",outcome="ok"\} 2$/m,
      /^kinetune_http_request_seconds_count\{method="POST",route="\/graphql",status="200"\} \d+$/m,
      /^kinetune_nodejs_eventloop_lag_seconds \d/m,
    ])
      expect(text).toMatch(line);
  });

  it('leaves no secret in the log, wherever it was sent', async () => {
    const socket = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${viewer}` },
    });
    await socket.iterate({ query: '{ __typename }' }).next();
    await socket.dispose();
    await ask(viewer, `{ study(name: "${viewer}") { id } }`);
    await ask(viewer, `{ ${viewer} }`);
    await ask(`${viewer}x`, '{ __typename }');
    await fetch(`${url}/${viewer}?token=${viewer}`, { headers: { referer: viewer, cookie: viewer } });
    await fetch(`${url}/graphql`, { method: 'POST', headers: { host: viewer, authorization: viewer } });
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries.length).toBeGreaterThan(10);
    expect(entries).toContainEqual(expect.objectContaining({ field: 'createApiToken', viewer: 'local' }));
    expect(entries).toContainEqual(expect.objectContaining({ status: 401, requestId: expect.any(String) }));
    const { secret } = JSON.parse(readFileSync(join(home, 'api.json'), 'utf8')) as { secret: string };
    for (const one of [editor, viewer, secret]) expect(lines.join('\n')).not.toContain(one.slice(-43));
  });
});
