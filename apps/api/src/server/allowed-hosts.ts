/** Which requests a server that is bound to loopback answers: a page on the web must not reach it through the browser. */
import type { IncomingMessage } from 'node:http';

const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

export interface HostRules {
  /** Host names besides those of loopback, without ports. */
  readonly hosts: readonly string[];
  /** Origins besides the server's own, e.g. `http://localhost:3000`. */
  readonly origins: readonly string[];
}

/**
 * Why a request is not answered; undefined where it is. The Host header guards against a name of the attacker's that resolves to
 * loopback, the Origin header against pages of other sites. Programs send no Origin.
 */
export function refusalOfRequest({ headers }: Pick<IncomingMessage, 'headers'>, rules: HostRules): string | undefined {
  const { host, origin } = headers;
  const name = host?.replace(/:\d+$/, '').toLowerCase();
  if (name === undefined || ![...LOOPBACK_NAMES, ...rules.hosts].includes(name))
    return `expected the host ${[...LOOPBACK_NAMES, ...rules.hosts].join(' or ')}, got ${host ?? 'none'}`;
  if (origin === undefined || rules.origins.includes(origin)) return undefined;
  if (URL.canParse(origin) && new URL(origin).host === host) return undefined;
  return `expected a request of this server's own pages, got one of ${origin}`;
}
