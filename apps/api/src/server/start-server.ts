/** The API on one port: GraphQL over HTTP and websockets, health and readiness. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import type { Database } from '@kinetune/storage';
import { EnvironmentError } from '@kinetune/study';
import express from 'express';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { Context } from '../graphql/context.ts';
import { schema } from '../graphql/schema.ts';
import { mayNameCommandTrainer, type Viewer } from '../graphql/viewer.ts';
import { createStudyFeed } from '../live/study-feed.ts';
import { refusalOfRequest, type HostRules } from './allowed-hosts.ts';
import { maskError, type ErrorLog } from './mask-error.ts';

export interface ServerOptions {
  readonly db: Database;
  readonly home: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly rules: HostRules;
  readonly onError: ErrorLog;
  /** Editors on other machines may name command trainers too. */
  readonly areCommandsAllowed?: boolean;
  /** Absolute folders besides the home that a path from input may lead into. */
  readonly dataFolders?: readonly string[];
}

export interface ApiServer extends AsyncDisposable {
  /** Where it listens: `http://127.0.0.1:4000`. */
  readonly url: string;
}

const MOST_BODY_BYTES = 1024 * 1024;
const LOCAL_EDITOR: Viewer = { role: 'editor', name: 'local', isLocal: true };

/**
 * Listens until it is disposed of: then it takes no more requests, ends those that run and closes its sockets.
 * @throws EnvironmentError when the port is taken.
 */
export async function startServer(options: ServerOptions): Promise<ApiServer> {
  const { db, home, host, port, rules, onError, areCommandsAllowed = false, dataFolders = [] } = options;
  const feed = createStudyFeed(db);
  const context: Context = {
    db,
    feed,
    home,
    viewer: LOCAL_EDITOR,
    mayNameCommandTrainer: (viewer) => mayNameCommandTrainer(viewer, { areCommandsAllowed }),
    dataFolders,
  };
  const app = express();
  app.disable('x-powered-by');
  const server = createServer(app);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_BODY_BYTES });
  const subscriptions = useServer({ schema, context: () => ({ ...context }) }, sockets);
  const apollo = new ApolloServer<Context>({
    schema,
    csrfPrevention: true,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginDrainHttpServer({ httpServer: server }), ApolloServerPluginLandingPageDisabled()],
    formatError: (formatted, error) => maskError(error, formatted, onError),
  });
  await apollo.start();

  app.use((request, response, next) => {
    const refusal = refusalOfRequest(request, rules);
    if (refusal === undefined) next();
    else response.status(403).json({ error: refusal });
  });
  app.get('/healthz', (_, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', async (_, response) => {
    const isReady = await db.execute('select 1').then(
      () => true,
      () => false,
    );
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'the database does not answer' });
  });
  app.use(
    '/graphql',
    express.json({ limit: MOST_BODY_BYTES }),
    expressMiddleware(apollo, { context: async () => ({ ...context }) }),
  );
  app.use((_, response) => void response.status(404).json({ error: 'expected /graphql, /healthz or /readyz' }));
  server.on('upgrade', (request, socket, head) => {
    const isGraphql = new URL(request.url ?? '/', 'http://localhost').pathname === '/graphql';
    if (!isGraphql || refusalOfRequest(request, rules) !== undefined) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  });

  await listen(server, { host, port });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    async [Symbol.asyncDispose]() {
      feed[Symbol.dispose]();
      await subscriptions.dispose();
      await apollo.stop();
    },
  };
}

async function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      const what = isTaken ? 'another program listens there; choose another one by --port' : error.message;
      reject(new EnvironmentError('cannot-listen', `could not listen on ${host}:${port}: ${what}`, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
}
