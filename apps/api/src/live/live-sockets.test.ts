import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import {
  GraphQLError,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql';
import { handleProtocols } from 'graphql-ws';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Context } from '../graphql/context.ts';
import { Refused } from '../graphql/refusal.ts';
import { createLiveSockets, SLOW_CLIENT, type SocketLimits } from './live-sockets.ts';

interface Item {
  readonly cursor: number;
}

const TEXT = 'x'.repeat(64 * 1024);

const WHOLE = new GraphQLScalarType<number>({
  name: 'Whole',
  parseValue: (value) => {
    if (!Number.isInteger(value)) throw new GraphQLError(`expected a whole number, got ${String(value)}`);
    return value as number;
  },
});

/** Sockets over a schema whose subscription `items` has as many large items as anybody takes, after a cursor. */
async function serveItems(limits: Partial<SocketLimits> = {}) {
  let pulled = 0;
  let executed = 0;
  let ended = 0;
  const items = new Map<number, Item>();
  const itemAt = (cursor: number): Item => items.get(cursor) ?? items.set(cursor, { cursor }).get(cursor)!;
  const args = { after: { type: new GraphQLNonNull(GraphQLInt) }, most: { type: GraphQLInt } };
  const itemType = new GraphQLObjectType<Item>({
    name: 'Item',
    fields: {
      cursor: { type: GraphQLInt },
      text: { type: GraphQLString, resolve: () => (executed++, TEXT) },
      broken: {
        type: GraphQLString,
        resolve: () => {
          throw new Error('secret of /our/machine');
        },
      },
    },
  });
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { one: { type: GraphQLInt, resolve: () => 1 } } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        items: {
          type: itemType,
          args,
          resolve: (item: Item) => item,
          async *subscribe(_, { after, most = Infinity }: { after: number; most?: number }) {
            try {
              for (let cursor = after + 1; cursor <= after + most; cursor++) {
                pulled++;
                yield itemAt(cursor);
              }
            } finally {
              ended++;
            }
          },
        },
        quiet: { type: itemType, resolve: (item: Item) => item, subscribe: () => quietly(() => void ended++) },
        refused: {
          type: GraphQLInt,
          subscribe: () => {
            throw new Refused('bad-cursor', 'expected a cursor', ['after']);
          },
        },
        scaled: {
          type: GraphQLInt,
          args: { by: { type: WHOLE } },
          async *subscribe() {},
        },
        failing: {
          type: GraphQLInt,
          async *subscribe() {
            throw new Error('secret of /our/machine');
          },
        },
      },
    }),
  });
  const hidden: unknown[] = [];
  const live = createLiveSockets({
    schema,
    contextOf: () => ({ viewer: { role: 'viewer', name: 'test', isLocal: true } }) as Context,
    onError: ({ error }) => void hidden.push(error),
    limits,
  });
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.options.handleProtocols = handleProtocols;
  sockets.on('connection', (socket, request) => live.accept(socket, request));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    hidden,
    ended: () => ended,
    pulled: () => pulled,
    executed: () => executed,
    buffered: () => [...sockets.clients].reduce((sum, { bufferedAmount }) => sum + bufferedAmount, 0),
    connect: () => connect(url),
    async [Symbol.asyncDispose]() {
      await live[Symbol.asyncDispose]();
      sockets.close();
      server.close();
    },
  };
}

/** Nothing ever comes of it. */
function quietly(onEnd: () => void): AsyncIterableIterator<Item, undefined> {
  const over = Promise.withResolvers<IteratorResult<Item, undefined>>();
  return {
    next: () => over.promise,
    async return() {
      onEnd();
      over.resolve({ done: true, value: undefined });
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

interface Message {
  readonly id?: string;
  readonly type: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- data, or errors
  readonly payload?: any;
}

async function connect(url: string) {
  const socket = new WebSocket(url, 'graphql-transport-ws');
  const messages: Message[] = [];
  socket.on('message', (data) => messages.push(JSON.parse((data as Buffer).toString('utf8')) as Message));
  const closed = once(socket, 'close').then(([code, reason]) => ({ code: code as number, reason: String(reason) }));
  await once(socket, 'open');
  const send = (message: Message): void => socket.send(JSON.stringify(message));
  const acknowledged = once(socket, 'message');
  send({ type: 'connection_init' });
  await acknowledged;
  return {
    socket,
    messages,
    closed,
    subscribe: (id: string, query: string, variables?: object) =>
      send({ id, type: 'subscribe', payload: { query, variables } }),
    complete: (id: string) => send({ id, type: 'complete' }),
    async until(isThere: (messages: readonly Message[]) => boolean) {
      while (!isThere(messages)) await setTimeout(5);
    },
  };
}

const ITEMS = 'subscription ($after: Int!, $most: Int) { items(after: $after, most: $most) { cursor text } }';

describe('live sockets', () => {
  it('hold little for a client that stops reading, tell it, and let it go on after its last cursor', async () => {
    await using server = await serveItems({ stalledMs: 1_000 });
    const client = await server.connect();
    client.socket.pause();
    client.subscribe('1', ITEMS, { after: 0 });
    // What the system itself buffers is filled first.
    let pulled = -1;
    while (pulled !== server.pulled()) {
      pulled = server.pulled();
      await setTimeout(300);
    }
    expect(pulled).toBeGreaterThan(0);
    expect(server.buffered()).toBeLessThan(3 * TEXT.length);
    while (server.ended() === 0) await setTimeout(20);
    client.socket.resume();
    const { code, reason } = await client.closed;
    expect(code).toBe(SLOW_CLIENT);
    expect(reason).toBe('a message was not read for 1 s: connect again and subscribe after the last cursor received');
    const cursors = client.messages
      .filter(({ type }) => type === 'next')
      .map(({ payload }) => payload.data.items.cursor);
    expect(cursors).toEqual(cursors.map((_, index) => index + 1));
    const again = await server.connect();
    again.subscribe('1', ITEMS, { after: cursors.length, most: 1 });
    await again.until((messages) => messages.some(({ type }) => type === 'complete'));
    expect(again.messages.find(({ type }) => type === 'next')?.payload.data.items.cursor).toBe(cursors.length + 1);
  });

  it('tell a client that does not answer a ping', async () => {
    await using server = await serveItems({ stalledMs: 300, pingMs: 100 });
    const client = await server.connect();
    client.socket.on('ping', () => client.socket.pause());
    (client.socket as unknown as { _autoPong: boolean })._autoPong = false;
    await setTimeout(1_500);
    client.socket.resume();
    expect(await client.closed).toMatchObject({ code: SLOW_CLIENT, reason: expect.stringContaining('a ping') });
  });

  it('keep a client that answers pings although nothing happens, and end what it completes at once', async () => {
    await using server = await serveItems({ stalledMs: 200, pingMs: 50 });
    const client = await server.connect();
    client.subscribe('1', 'subscription { quiet { cursor } }');
    await setTimeout(600);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    client.complete('1');
    while (server.ended() === 0) await setTimeout(5);
  });

  it('execute an event once for all who ask the same of it, wherever they begin', async () => {
    await using server = await serveItems();
    const clients = await Promise.all([1, 2, 3].map(() => server.connect()));
    clients.forEach((client, index) => client.subscribe('1', ITEMS, { after: index, most: 10 - index }));
    await Promise.all(clients.map((client) => client.until((all) => all.some(({ type }) => type === 'complete'))));
    expect(clients.map(({ messages }) => messages.filter(({ type }) => type === 'next').length)).toEqual([10, 9, 8]);
    expect(server.executed()).toBe(10);
    const other = await server.connect();
    other.subscribe('1', 'subscription { items(after: 0, most: 2) { text } }');
    await other.until((all) => all.some(({ type }) => type === 'complete'));
    expect(server.executed()).toBe(12);
  });

  it('tell a variable of the wrong form from a fault of ours', async () => {
    await using served = await serveItems();
    const client = await served.connect();
    client.subscribe('a', 'subscription ($by: Whole) { scaled(by: $by) }', { by: 1.5 });
    await client.until((messages) => messages.length > 1);
    expect(client.messages[1]?.payload.errors).toMatchObject([
      { message: expect.stringContaining('expected a whole number'), extensions: { code: 'BAD_REQUEST' } },
    ]);
    expect(served.hidden).toEqual([]);
  });

  it('bound the operations of a connection', async () => {
    await using server = await serveItems({ operations: 2 });
    const client = await server.connect();
    for (const id of ['1', '2', '3']) client.subscribe(id, 'subscription { quiet { cursor } }');
    await client.until((messages) => messages.some(({ type }) => type === 'error'));
    const error = client.messages.find(({ type }) => type === 'error');
    expect(error).toMatchObject({ id: '3', payload: [{ extensions: { code: 'TOO_MANY_OPERATIONS' } }] });
    client.complete('1');
    client.subscribe('4', '{ one }');
    await client.until((messages) => messages.some(({ id, type }) => id === '4' && type === 'next'));
  });

  it.each([
    ['a syntax error', '{ one', { code: 'BAD_REQUEST' }, 'Syntax Error'],
    ['an unknown field', '{ two }', { code: 'BAD_REQUEST' }, 'Cannot query field "two"'],
    ['a refusal', 'subscription { refused }', { code: 'REFUSED', field: ['after'] }, 'expected a cursor'],
    ['an error of ours', 'subscription { failing }', { code: 'INTERNAL_SERVER_ERROR' }, 'an unexpected error'],
    [
      'an error of ours in a field',
      'subscription { items(after: 0, most: 1) { broken } }',
      { code: 'INTERNAL_SERVER_ERROR' },
      'an unexpected error',
    ],
  ])('tell %s as over HTTP, and keep the connection', async (_, query, extensions, message) => {
    await using server = await serveItems();
    const client = await server.connect();
    client.subscribe('1', query);
    const errorsOf = ({ payload }: Message): GraphQLError[] =>
      (Array.isArray(payload) ? payload : payload?.errors) ?? [];
    await client.until((messages) => messages.some((one) => errorsOf(one).length > 0));
    const [error] = client.messages.flatMap(errorsOf);
    expect(error).toMatchObject({ message: expect.stringContaining(message), extensions });
    expect(JSON.stringify(client.messages)).not.toMatch(/secret|stack|node_modules/);
    expect(server.hidden).toHaveLength(extensions.code === 'INTERNAL_SERVER_ERROR' ? 1 : 0);
    client.subscribe('2', '{ one }');
    await client.until((messages) => messages.some(({ id, type }) => id === '2' && type === 'next'));
  });
});
