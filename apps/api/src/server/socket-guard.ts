/** Who may hold a websocket, how many, and until when; and what may be asked for over it. */
import type { IncomingMessage } from 'node:http';
import type { Context as Connection } from 'graphql-ws';
import { complexityFromQuery } from '@pothos/plugin-complexity';
import { getOperationAST, GraphQLError, Kind, OperationTypeNode, type ExecutionArgs } from 'graphql';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { OPERATION_LIMITS, refusalOfSize } from '../graphql/builder.ts';
import type { Authenticator, Identity } from './authenticator.ts';
import type { Metrics } from './metrics.ts';
import { countRootFields } from './operation-size.ts';
import { requireStorableVariables } from './storable-text.ts';
import type { RateLimits } from './rate-limits.ts';

type Socket = Connection<Record<string, unknown>, { readonly socket: WebSocket; readonly request: IncomingMessage }>;

export interface SocketGuardOptions {
  readonly authenticator: Authenticator;
  readonly limits: RateLimits;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Of one token or, without tokens, of everyone on the machine. */
  readonly connections: number;
}

export interface SocketGuard {
  /** Whether the connection may go on; closed with a code and a reason where not, now or when its token ends. */
  connect(connection: Socket): Promise<boolean>;
  /** @throws GraphQLError for a connection that was not let in. */
  identityOf(connection: Socket): Identity;
  /** @throws GraphQLError for an operation that is too large, or comes too often. */
  admit(connection: Socket, operation: ExecutionArgs): Promise<void>;
}

/** Codes of closing that graphql-ws clients know: after 4401 they do not try again by themselves, after 4429 they do, later. */
export const UNAUTHORIZED = 4401;
export const TOO_MANY_CONNECTIONS = 4429;

export function createSocketGuard(options: SocketGuardOptions): SocketGuard {
  const { authenticator, limits, metrics, log, connections } = options;
  const identities = new WeakMap<WebSocket, Identity>();
  const held = new Map<string, number>();

  const identify = async ({ connectionParams, extra }: Socket): Promise<Identity> => {
    const { request } = extra;
    const stated = connectionParams?.['authorization'] ?? connectionParams?.['Authorization'];
    try {
      return await authenticator.identify(request, stated ?? request.headers.authorization);
    } catch (error) {
      metrics.refusals.inc({ reason: 'unauthenticated' });
      if (error instanceof GraphQLError) await limits.countFailure(request.socket.remoteAddress ?? '');
      throw error;
    }
  };

  return {
    async connect(connection) {
      const { socket, request } = connection.extra;
      let identity: Identity;
      try {
        identity = await identify(connection);
      } catch (error) {
        const isOurs = error instanceof GraphQLError;
        const code = isOurs && error.extensions['code'] === 'RATE_LIMITED' ? TOO_MANY_CONNECTIONS : UNAUTHORIZED;
        if (!isOurs) log.error({ err: error }, 'a connection could not be authenticated');
        socket.close(isOurs ? code : 1013, isOurs ? error.message.slice(0, 120) : 'the database does not answer');
        return false;
      }
      const { name } = identity.viewer;
      const count = held.get(name) ?? 0;
      if (count >= connections) {
        metrics.refusals.inc({ reason: 'too-many-connections' });
        socket.close(TOO_MANY_CONNECTIONS, `expected at most ${connections} connections of ${name}`.slice(0, 120));
        return false;
      }
      if (socket.readyState !== socket.OPEN) return false;
      held.set(name, count + 1);
      identities.set(socket, identity);
      const watch = authenticator.watch(identity, () => {
        log.info({ viewer: name }, 'websocket closed: its token has ended');
        socket.close(UNAUTHORIZED, 'the token was revoked or has expired');
      });
      log.debug({ viewer: name, address: request.socket.remoteAddress }, 'websocket opened');
      metrics.sockets.inc();
      socket.once('close', () => {
        watch[Symbol.dispose]();
        metrics.sockets.dec();
        const left = (held.get(name) ?? 1) - 1;
        if (left === 0) held.delete(name);
        else held.set(name, left);
      });
      return true;
    },
    identityOf({ extra }) {
      const identity = identities.get(extra.socket);
      if (identity === undefined)
        throw new GraphQLError('expected a connection that was let in', { extensions: { code: 'UNAUTHENTICATED' } });
      return identity;
    },
    async admit({ extra }, { schema, document, operationName, variableValues }) {
      requireStorableVariables(variableValues);
      const operation = getOperationAST(document, operationName);
      if (operation?.operation === OperationTypeNode.MUTATION) {
        const name = identities.get(extra.socket)?.viewer.name ?? '';
        await limits.countMutations(name, countRootFields(document, operation));
      }
      // The plugin looks at queries and mutations before they run, but at subscriptions only when something has happened.
      if (operation?.operation === OperationTypeNode.SUBSCRIPTION) {
        const own = {
          ...document,
          definitions: document.definitions.filter((one) => one === operation || one.kind === Kind.FRAGMENT_DEFINITION),
        };
        const size = complexityFromQuery(own, { schema, variables: { ...variableValues } });
        for (const measure of ['depth', 'breadth', 'complexity'] as const)
          if (size[measure] > OPERATION_LIMITS[measure]) throw refusalOfSize(measure, size[measure]);
      }
    },
  };
}
