import { describe, expect, it } from 'vitest';
import { isLocalRequest, isLoopback } from './is-local-request.ts';

const request = (
  remoteAddress: string,
  { httpVersion = '1.1', ...headers }: Readonly<Record<string, string>> = {},
): Parameters<typeof isLocalRequest>[0] => ({
  headers: { host: 'localhost:4000', ...headers },
  httpVersion,
  socket: { remoteAddress },
});

describe('a request', () => {
  it('of the machine itself comes from loopback to loopback', () => {
    for (const address of ['127.0.0.1', '127.0.0.9', '::1', '::ffff:127.0.0.1'])
      expect(isLocalRequest(request(address))).toBe(true);
    expect(isLocalRequest(request('::1', { host: '[::1]:4000' }))).toBe(true);
  });

  it('from elsewhere is not local, though a proxy on the machine passes it on', () => {
    for (const address of ['192.168.0.2', '::2', '::ffff:10.0.0.1'])
      expect(isLocalRequest(request(address))).toBe(false);
    for (const name of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'])
      expect(isLocalRequest(request('127.0.0.1', { [name]: '127.0.0.1' }))).toBe(false);
    expect(isLocalRequest(request('127.0.0.1', { httpVersion: '1.0' }))).toBe(false);
    expect(isLocalRequest(request('127.0.0.1', { host: 'kinetune.example' }))).toBe(false);
  });
});

describe('a server', () => {
  it('is bound to loopback by these addresses alone', () => {
    expect(['localhost', '127.0.0.1', '127.1.2.3', '::1'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '192.168.0.1', '127.evil.example', 'example.org', ''].some(isLoopback)).toBe(false);
  });
});
