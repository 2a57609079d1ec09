/** Which requests a server answers: a page on the web must not reach it through somebody's browser. */
import type { IncomingMessage } from 'node:http';

const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

export interface HostRules {
  /** Host names besides those of loopback, without ports. */
  readonly hosts: readonly string[];
  /** Origins besides the server's own, e.g. `http://localhost:3000`. */
  readonly origins: readonly string[];
}

type Request = Pick<IncomingMessage, 'headers'> & {
  readonly socket?: Pick<IncomingMessage['socket'], 'localAddress'>;
};

/**
 * Why a request is not answered; undefined where it is. The Host header guards against a name of the attacker's that resolves to
 * us; the address itself at which a request arrived is no such name. The Origin header guards against pages of other sites; programs
 * send none. What a proxy says of the host it was asked for is not looked at: it has to pass the Host header on.
 */
export function refusalOfRequest({ headers, socket }: Request, rules: HostRules): string | undefined {
  const { host, origin } = headers;
  const name = nameOf(host);
  const own = socket?.localAddress?.replace(/^::ffff:/i, '');
  const allowed = [...LOOPBACK_NAMES, ...rules.hosts.map((one) => one.toLowerCase())];
  if (name === undefined || !(allowed.includes(name) || name === own || name === `[${own}]`))
    return `expected the host ${allowed.join(' or ')}, got ${shown(host)}: kinetune serve --allow-host adds a name`;
  if (origin === undefined || rules.origins.includes(origin)) return undefined;
  if (URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()) return undefined;
  return `expected a request of this server's own pages, got one of ${shown(origin)}: kinetune serve --allow-origin adds a site`;
}

/** The name in a Host header, lower case and without the port; undefined for what is none. */
function nameOf(host: string | undefined): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/.exec(host?.toLowerCase() ?? '')?.[1];
}

function shown(header: string | undefined): string {
  return header === undefined ? 'none' : header.slice(0, 100);
}
