/** Whether a request comes from the machine itself, not through it. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** `127.0.0.1`, the rest of its block, `::1`, and these as IPv6 writes IPv4. */
export function isLoopback(address: string): boolean {
  if (address === 'localhost' || address === '::1') return true;
  const plain = address.replace(/^::ffff:/i, '');
  return isIP(plain) === 4 && plain.startsWith('127.');
}

const FORWARDING_HEADERS = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
];

/**
 * From loopback to a name of loopback, by no proxy: one on this machine passes on what comes from elsewhere. It gives itself away by
 * the headers it adds, or by HTTP/1.0, which nginx speaks to what is behind it unless told otherwise.
 */
export function isLocalRequest({
  headers,
  httpVersion,
  socket,
}: Pick<IncomingMessage, 'headers' | 'httpVersion'> & {
  readonly socket: Pick<IncomingMessage['socket'], 'remoteAddress'>;
}): boolean {
  if (socket.remoteAddress === undefined || !isLoopback(socket.remoteAddress) || httpVersion === '1.0') return false;
  if (FORWARDING_HEADERS.some((name) => headers[name] !== undefined)) return false;
  const name = URL.canParse(`http://${headers.host}`) ? new URL(`http://${headers.host}`).hostname : '';
  return isLoopback(name.replace(/^\[(.*)\]$/, '$1'));
}
