/** The API on one port: GraphQL over HTTP and websockets, health and readiness. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import type { Database } from '@kinetune/storage';
import { EnvironmentError } from '@kinetune/study';
import { handleProtocols } from 'graphql-ws';
import { pino, type Logger } from 'pino';
import { WebSocketServer } from 'ws';
import type { Context } from '../graphql/context.ts';
import { createAskDesk } from '../ask/ask-desk.ts';
import { schema } from '../graphql/schema.ts';
import { mayNameCommandTrainer } from '../graphql/viewer.ts';
import { createLiveSockets } from '../live/live-sockets.ts';
import { createLogTails } from '../live/log-tails.ts';
import { createSlotFeed } from '../live/slot-feed.ts';
import { createStudyFeed } from '../live/study-feed.ts';
import { schedulingTimes } from '../scheduler/scheduling-times.ts';
import { sweepDeleted } from '../studies/delete-study.ts';
import { refusalOfRequest, type HostRules } from './allowed-hosts.ts';
import { createAuthenticator, requireToken, type Identity } from './authenticator.ts';
import { createApp } from './create-app.ts';
import { maskError, type ErrorLog } from './mask-error.ts';
import { createMetrics } from './metrics.ts';
import { operationPlugin } from './operation-plugin.ts';
import { limitIntrospection, MOST_TOKENS } from './operation-size.ts';
import { forbidUnstorableText } from './storable-text.ts';
import { createRateLimits, type RateLimitOptions } from './rate-limits.ts';
import { createReadiness } from './readiness.ts';
import { createSocketGuard } from './socket-guard.ts';
import { sweepUploads } from './uploads.ts';

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
  /** Absolute folder that agents on other machines share; the home unless stated. */
  readonly store?: string;
  /** Lets commands on the machine in, whatever tokens there are: `createHomeSecret`. */
  readonly homeSecret?: string;
  readonly rates?: RateLimitOptions;
  readonly log?: Logger;
}

export interface ApiServer extends AsyncDisposable {
  /** Where it listens: `http://127.0.0.1:4000`. */
  readonly url: string;
}

const MOST_BODY_BYTES = 1024 * 1024;
const MOST_CONNECTIONS = 2_000;
/** Until a request's headers are there, all of it is there, and it is answered. */
const HEADERS_MS = 10_000;
const RECEIVE_MS = 60_000;
const ANSWER_MS = 120_000;

/**
 * Listens until it is disposed of: then it takes no more requests, ends those that run and closes its sockets.
 * @throws EnvironmentError when the port is taken.
 */
export async function startServer(options: ServerOptions): Promise<ApiServer> {
  const { db, home, host, port, rules, onError, areCommandsAllowed = false, dataFolders = [] } = options;
  const { store = home } = options;
  await sweepDeleted(db, store);
  await sweepUploads(home);
  await using started = new AsyncDisposableStack();
  const feed = started.use(createStudyFeed(db));
  const askDesk = started.use(createAskDesk(db));
  const slotFeed = started.use(createSlotFeed(db));
  const logTails = started.use(createLogTails());
  const contextOf = ({ viewer }: Identity): Context => ({
    db,
    feed,
    askDesk,
    slotFeed,
    logTails,
    home,
    store,
    viewer,
    mayNameCommandTrainer: (one) => mayNameCommandTrainer(one, { areCommandsAllowed }),
    dataFolders,
  });
  const log = options.log ?? pino({ level: 'silent' });
  const authenticator = started.use(createAuthenticator(db, { host, homeSecret: options.homeSecret }));
  await requireToken(authenticator, host);
  const rateLimits = createRateLimits(options.rates);
  const metrics = createMetrics(db, {
    silentForMs: schedulingTimes().silentForMs,
    countSubscriptions: () => live.subscriptionCount,
  });
  const readiness = createReadiness(db);
  const guard = createSocketGuard({ authenticator, limits: rateLimits, metrics, log, connections: MOST_CONNECTIONS });

  const server = createServer({ requestTimeout: RECEIVE_MS, headersTimeout: HEADERS_MS, maxHeaderSize: 16 * 1024 });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_BODY_BYTES });
  sockets.options.handleProtocols = handleProtocols;
  const live = createLiveSockets({
    schema,
    connect: guard.connect,
    admit: guard.admit,
    contextOf: (connection) => contextOf(guard.identityOf(connection)),
    onError,
  });
  const apollo = new ApolloServer<Context>({
    schema,
    csrfPrevention: true,
    introspection: true,
    parseOptions: { maxLexicalTokens: MOST_TOKENS },
    validationRules: [limitIntrospection, forbidUnstorableText],
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [
      ApolloServerPluginDrainHttpServer({ httpServer: server }),
      ApolloServerPluginLandingPageDisabled(),
      operationPlugin({ limits: rateLimits, metrics, log }),
    ],
    formatError: (formatted, error) => maskError(error, formatted, onError),
  });
  await apollo.start();
  server.on(
    'request',
    createApp({
      home,
      apollo,
      contextOf,
      authenticator,
      rules,
      limits: rateLimits,
      metrics,
      readiness,
      log,
      onError,
      bodyBytes: MOST_BODY_BYTES,
      answerMs: ANSWER_MS,
    }),
  );
  server.on('upgrade', (request, socket, head) => {
    const path = URL.parse(request.url ?? '/', 'http://localhost')?.pathname;
    if (path !== '/graphql' || refusalOfRequest(request, rules) !== undefined) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => live.accept(client, request));
  });

  await listen(server, { host, port });
  const running = started.move();
  const address = server.address() as AddressInfo;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    async [Symbol.asyncDispose]() {
      readiness.stop();
      // The sockets before what feeds them: a subscription that completes would not be taken up again.
      await live[Symbol.asyncDispose]();
      await running.disposeAsync();
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
