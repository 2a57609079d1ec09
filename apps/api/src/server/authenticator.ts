/**
 * Who a request is from. The rule: a server that is bound to loopback and has no token takes everyone for the editor at the machine.
 * Once there is a token, or the server is bound elsewhere, every request needs one, from loopback as well. A token that has expired
 * still counts as being there, so that time alone opens nothing; a revoked one does not.
 *
 * All servers on one database see a token end within `STALE_MS`: what they know of the tokens is never older than that, and they
 * look again as often while a connection is open that depends on it.
 */
import type { IncomingMessage } from 'node:http';
import {
  createApiSecret,
  hashApiSecret,
  idOfApiSecret,
  listApiCredentials,
  matchesApiSecret,
  noteApiTokenUse,
  type ApiCredential,
  type Database,
} from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import { GraphQLError } from 'graphql';
import type { Viewer } from '../graphql/viewer.ts';
import { isLocalRequest, isLoopback } from './is-local-request.ts';

export interface Identity {
  readonly viewer: Viewer;
  /** Null for the editor at a machine that has no tokens. */
  readonly tokenId: string | null;
}

export interface Authenticator extends Disposable {
  /** Whether there is a token with which somebody could be let in. */
  hasToken(): Promise<boolean>;
  /**
   * @param authorization what the client sent: `Bearer kt_...`
   * @throws GraphQLError UNAUTHENTICATED.
   */
  identify(request: IncomingMessage, authorization: unknown): Promise<Identity>;
  /** Calls `end` once, when the identity is no longer valid; forgotten when disposed of. */
  watch(identity: Identity, end: () => void): Disposable;
}

export interface AuthenticatorOptions {
  /** The address that the server is bound to. */
  readonly host: string;
  readonly staleMs?: number;
  /** What lets commands on the machine in as its editor, whatever tokens there are: `createHomeSecret`. */
  readonly homeSecret?: string | undefined;
}

/** Stands for who holds the home's secret; no token has it. */
const HOME_ID = '00000000-0000-4000-8000-000000000000';

/** A secret of this process alone, for a note that only the home's owner can read. */
export function createHomeSecret(): string {
  return createApiSecret(HOME_ID);
}

const STALE_MS = 500;

export function createAuthenticator(
  db: Database,
  { host, staleMs = STALE_MS, homeSecret }: AuthenticatorOptions,
): Authenticator {
  const isOpen = isLoopback(host);
  const ofHome: readonly ApiCredential[] =
    homeSecret === undefined
      ? []
      : [{ id: HOME_ID, name: 'local', role: 'editor', secretHash: hashApiSecret(homeSecret), isExpired: false }];
  const watched = new Set<{ readonly identity: Identity; readonly end: () => void }>();
  const noted = new Map<string, number>();
  let known: { readonly credentials: readonly ApiCredential[]; readonly at: number } | undefined;
  let reading: Promise<readonly ApiCredential[]> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const read = (): Promise<readonly ApiCredential[]> => {
    const at = performance.now();
    reading ??= listApiCredentials(db)
      .then((credentials) => {
        known = { credentials, at };
        return credentials;
      })
      .finally(() => (reading = undefined));
    return reading;
  };
  const credentials = async (): Promise<readonly ApiCredential[]> =>
    known !== undefined && performance.now() - known.at < staleMs ? known.credentials : read();

  const isValid = ({ tokenId }: Identity, all: readonly ApiCredential[]): boolean =>
    tokenId === null
      ? isOpen && all.length === 0
      : [...all, ...ofHome].some(({ id, isExpired }) => id === tokenId && !isExpired);
  const look = async (): Promise<void> => {
    timer = undefined;
    // Where the database does not answer, nothing is sent that would need a token; it is looked at again.
    const all = await read().catch(() => undefined);
    if (all !== undefined)
      for (const one of watched) {
        if (!isValid(one.identity, all) && watched.delete(one)) one.end();
      }
    arrange();
  };
  const arrange = (): void => {
    if (timer === undefined && watched.size > 0) timer = setTimeout(() => void look(), staleMs).unref();
  };
  const noteUse = (id: string): void => {
    const now = performance.now();
    if (now - (noted.get(id) ?? -Infinity) < 60_000) return;
    noted.set(id, now);
    noteApiTokenUse(db, id).catch(() => noted.delete(id)); // For people to look at; no request fails for it.
  };

  return {
    hasToken: async () => (await credentials()).some(({ isExpired }) => !isExpired),
    async identify(request, authorization) {
      const isLocal = isLocalRequest(request);
      const present = await credentials();
      if (authorization === undefined) {
        if (isOpen && present.length === 0)
          return { viewer: { role: 'editor', name: 'local', isLocal }, tokenId: null };
        throw unauthenticated('expected a token (Authorization: Bearer kt_...), got none');
      }
      const secret = typeof authorization === 'string' ? /^Bearer +(\S+)$/i.exec(authorization)?.[1] : undefined;
      const id = secret === undefined ? undefined : idOfApiSecret(secret);
      if (secret === undefined || id === undefined)
        throw unauthenticated(
          'expected Authorization: Bearer kt_..., as kinetune token create shows it, got another form',
        );
      const find = (all: readonly ApiCredential[]) => [...all, ...ofHome].find((credential) => credential.id === id);
      const found = find(present) ?? find(await read());
      if (found === undefined || !matchesApiSecret(secret, found.secretHash))
        throw unauthenticated('expected a token of this server, got one that it does not know or that was revoked');
      if (found.isExpired)
        throw unauthenticated(
          'expected a valid token, got one that has expired: ask for a new one (kinetune token rotate)',
        );
      if (id !== HOME_ID) noteUse(id);
      return { viewer: { role: found.role, name: found.name, isLocal }, tokenId: id };
    },
    watch(identity, end) {
      const one = { identity, end };
      watched.add(one);
      arrange();
      return { [Symbol.dispose]: () => void watched.delete(one) };
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      watched.clear();
    },
  };
}

/** @throws InputError for a server that others may reach while nobody has a token. */
export async function requireToken(authenticator: Authenticator, host: string): Promise<void> {
  if (isLoopback(host) || (await authenticator.hasToken())) return;
  throw new InputError(
    'no-token',
    `expected at least one token before the API is served on ${host}, where other machines can reach it, got none: make one by kinetune token create <name> --role editor, or leave --host out to serve this machine alone`,
  );
}

function unauthenticated(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } });
}
