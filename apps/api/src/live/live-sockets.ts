/**
 * GraphQL over websockets (the graphql-transport-ws protocol), with bounds. A subscription is read only as fast as its client takes
 * what it is sent: one message at a time is handed to a socket, so a client that stops reading holds up nothing but its own cursors.
 * After a while it is told so and closed, and goes on from the last cursor that it received.
 */
import type { IncomingMessage } from 'node:http';
import {
  GraphQLError,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLSchema,
} from 'graphql';
import { CloseCode, makeServer, type Context as Connection, type SubscribePayload } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Context } from '../graphql/context.ts';
import { maskError, type ErrorLog } from '../server/mask-error.ts';
import { limitIntrospection, MOST_TOKENS } from '../server/operation-size.ts';
import { forbidUnstorableText } from '../server/storable-text.ts';
import { createSharedSubscribe } from './shared-execution.ts';

export interface SocketLimits {
  /** Operations of one connection at a time. */
  readonly operations: number;
  /** How long a client may leave a message, or a ping, unread. */
  readonly stalledMs: number;
  /** From one ping to the next. */
  readonly pingMs: number;
}

export const SOCKET_LIMITS: SocketLimits = { operations: 50, stalledMs: 15_000, pingMs: 12_000 };

/** Close code of a client that reads too slowly; it may connect again and go on after its last cursor. */
export const SLOW_CLIENT = 4508;

export interface LiveSocketsOptions {
  readonly schema: GraphQLSchema;
  /** Whether a connection may go on; it is closed already where it says no. */
  readonly connect?: (connection: LiveConnection) => Promise<boolean>;
  /** Throws a GraphQLError for an operation that is not to run. */
  readonly admit?: (connection: LiveConnection, operation: ExecutionArgs) => Promise<void>;
  /** What the operations of a connection work with. */
  readonly contextOf: (connection: LiveConnection) => Context | Promise<Context>;
  readonly onError: ErrorLog;
  readonly limits?: Partial<SocketLimits>;
}

export type LiveConnection = Connection<Record<string, unknown>, Extra>;

export interface Extra {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
}

export interface LiveSockets extends AsyncDisposable {
  /** Serves a connection until it is closed. */
  accept(socket: WebSocket, request: IncomingMessage): void;
  /** Subscriptions that are being followed, on all connections. */
  readonly subscriptionCount: number;
}

/** Documents that were read already: a thousand clients of one dashboard send a handful. */
const MOST_DOCUMENTS = 200;
const SWEEP_MS = 1_000;

interface Held {
  /** When the message that is on its way was handed to the socket, and when a ping went out that was not answered. */
  sendingSince: number | undefined;
  pingedAt: number | undefined;
  nextPingAt: number;
  giveUp(what: string): void;
  readonly socket: WebSocket;
}

export function createLiveSockets(options: LiveSocketsOptions): LiveSockets {
  const { schema, connect, admit, contextOf, onError } = options;
  const limits = { ...SOCKET_LIMITS, ...options.limits };
  const documents = new Map<string, DocumentNode | readonly GraphQLError[]>();
  const masked = (errors: readonly GraphQLError[]) =>
    errors.map((error) => maskError(error, formatted(error), onError));

  const read = (query: string): DocumentNode | readonly GraphQLError[] => {
    const known = documents.get(query);
    if (known !== undefined) return known;
    const document = readDocument(schema, query);
    if (documents.size >= MOST_DOCUMENTS) documents.delete(documents.keys().next().value as string);
    documents.set(query, document);
    return document;
  };
  const connections = new Set<LiveConnection>();
  const server = makeServer<Record<string, unknown>, Extra>({
    schema,
    subscribe: createSharedSubscribe() as never,
    async onConnect(connection) {
      const isWelcome = connect === undefined || (await connect(connection));
      const { socket } = connection.extra;
      if (isWelcome && socket.readyState === socket.OPEN) connections.add(connection);
      return isWelcome;
    },
    onClose(connection) {
      connections.delete(connection);
    },
    async onSubscribe(connection, _, { query, operationName, variables }: SubscribePayload) {
      if (Object.keys(connection.subscriptions).length > limits.operations) return [tooMany(limits)];
      const document = read(query);
      if (!('kind' in document)) return document;
      const operation = { schema, document, operationName: operationName ?? null, variableValues: variables ?? null };
      try {
        await admit?.(connection, operation);
        return { ...operation, contextValue: await contextOf(connection) };
      } catch (error) {
        if (error instanceof GraphQLError) return [error];
        throw error;
      }
    },
    onNext: (_, __, ___, ____, { errors, data, extensions }) =>
      errors === undefined
        ? undefined
        : { data: data ?? null, errors: masked(errors), ...(extensions === undefined ? {} : { extensions }) },
    onError: (_, __, ___, errors) => masked(errors),
  });

  const held = new Set<Held>();
  const sweep = setInterval(
    () => {
      const now = performance.now();
      for (const one of held) {
        const { socket, sendingSince, pingedAt } = one;
        if (sendingSince !== undefined && now - sendingSince > limits.stalledMs) one.giveUp('a message');
        else if (pingedAt !== undefined && now - pingedAt > limits.stalledMs) one.giveUp('a ping');
        else if (sendingSince === undefined && pingedAt === undefined && now >= one.nextPingAt) {
          one.pingedAt = now;
          socket.ping();
        }
      }
    },
    Math.min(SWEEP_MS, limits.stalledMs / 2),
  );
  sweep.unref();

  return {
    accept(socket, request) {
      let sending: Promise<void> = Promise.resolve();
      const write = (data: string): Promise<void> =>
        new Promise((resolve) => {
          if (socket.readyState !== socket.OPEN) return resolve();
          connection.sendingSince = performance.now();
          // Called when the system has taken it; a socket that breaks says so by closing.
          socket.send(data, () => {
            connection.sendingSince = undefined;
            resolve();
          });
        });
      const closed = server.opened(
        {
          protocol: socket.protocol,
          send: (data) => (sending = sending.then(() => write(data))),
          close: (code, reason) => socket.close(code, reason),
          onMessage: (take) =>
            socket.on('message', (data) => {
              take((data as Buffer).toString('utf8')).catch((error: unknown) => {
                onError({ id: 'websocket', error });
                socket.close(CloseCode.InternalServerError, 'an unexpected error of the server');
              });
            }),
        },
        { socket, request },
      );
      const end = (code: number, reason: string): void => {
        if (held.delete(connection)) void closed(code, reason);
      };
      const connection: Held = {
        socket,
        sendingSince: undefined,
        pingedAt: undefined,
        nextPingAt: performance.now() + limits.pingMs,
        giveUp(what) {
          const seconds = limits.stalledMs / 1000;
          const reason = `${what} was not read for ${seconds} s: connect again and subscribe after the last cursor received`;
          socket.close(SLOW_CLIENT, reason);
          end(SLOW_CLIENT, reason);
        },
      };
      held.add(connection);
      socket.on('pong', () => {
        connection.pingedAt = undefined;
        connection.nextPingAt = performance.now() + limits.pingMs;
      });
      socket.on('error', () => {}); // It closes next.
      socket.once('close', (code, reason) => end(code, String(reason)));
    },
    get subscriptionCount() {
      return [...connections].reduce((sum, { subscriptions }) => sum + Object.keys(subscriptions).length, 0);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(sweep);
      const sockets = [...held].map(({ socket }) => socket);
      const gone = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      for (const socket of sockets) socket.close(1001, 'the server stops: connect again later');
      const late = setTimeout(() => sockets.forEach((socket) => socket.terminate()), 1_000);
      await Promise.all(gone);
      clearTimeout(late);
    },
  };
}

function readDocument(schema: GraphQLSchema, query: string): DocumentNode | readonly GraphQLError[] {
  try {
    const document = parse(query, { maxLexicalTokens: MOST_TOKENS });
    const errors = validate(schema, document, [...specifiedRules, limitIntrospection, forbidUnstorableText]);
    return errors.length === 0 ? document : errors;
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

function tooMany({ operations }: SocketLimits): GraphQLError {
  return new GraphQLError(
    `expected at most ${operations} operations at a time on one connection, got one more: complete some, or open another connection`,
    { extensions: { code: 'TOO_MANY_OPERATIONS' } },
  );
}

/** What an operation itself is wrong in, or the form of a variable, has no code from graphql; errors of resolvers have their cause. */
function formatted(error: GraphQLError): ReturnType<GraphQLError['toJSON']> {
  const json = error.toJSON();
  const { originalError } = error;
  const isOfOperation =
    (originalError === undefined || originalError instanceof GraphQLError) && json.extensions?.['code'] === undefined;
  return isOfOperation ? { ...json, extensions: { ...json.extensions, code: 'BAD_REQUEST' } } : json;
}
