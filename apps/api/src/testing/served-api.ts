/** The API over HTTP on a home of the test's own. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage, type Database } from '@kinetune/storage';
import { startServer, type ServerOptions } from '../server/start-server.ts';

export interface Answer {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a tree of whatever was asked for
  readonly data?: any;
  readonly errors?: readonly { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }[];
}

export interface ServedApi extends AsyncDisposable {
  readonly db: Database;
  readonly home: string;
  readonly url: string;
  /** Errors that the server kept from the client. */
  readonly hidden: readonly unknown[];
  ask(query: string, variables?: object): Promise<Answer>;
}

/**
 * @param options besides what every server has.
 * @param given a home that outlives the server; without it one is made, and removed at the end.
 */
export async function serveApi(options: Partial<ServerOptions> = {}, given?: string): Promise<ServedApi> {
  const home = given ?? mkdtempSync(join(realpathSync(tmpdir()), 'kinetune-api-'));
  const hidden: unknown[] = [];
  const storage = await openStorage(home);
  const server = await startServer({
    db: storage.db,
    home,
    host: '127.0.0.1',
    port: 0,
    rules: { hosts: [], origins: [] },
    onError: ({ error }) => void hidden.push(error),
    ...options,
  });
  return {
    db: storage.db,
    home,
    url: server.url,
    hidden,
    async ask(query, variables = {}) {
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as Answer;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
      if (given === undefined) rmSync(home, { recursive: true, force: true });
    },
  };
}
