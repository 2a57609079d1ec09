import { describe, expect, it } from 'vitest';
import { refusalOfRequest } from './allowed-hosts.ts';

const rules = { hosts: ['Kinetune.example'], origins: ['http://localhost:3000'] };
const at = (host: string | undefined, { origin, localAddress }: { origin?: string; localAddress?: string } = {}) =>
  refusalOfRequest(
    {
      headers: { ...(host === undefined ? {} : { host }), ...(origin === undefined ? {} : { origin }) },
      ...(localAddress === undefined ? {} : { socket: { localAddress } }),
    },
    rules,
  );

describe('a request', () => {
  it.each(['localhost', 'LOCALHOST:4000', '127.0.0.1:1', '[::1]', '[::1]:4000', 'kinetune.example:443'])(
    'to a name of ours is answered: %s',
    (host) => {
      expect(at(host)).toBeUndefined();
    },
  );

  it.each([
    undefined,
    '',
    'evil.example',
    'localhost.',
    'localhost.evil.example',
    'evil.example:4000',
    '127.0.0.1.evil.example',
    '127.1',
    '0.0.0.0',
    '[::]',
    '[::ffff:127.0.0.1]',
    'localhost:4000@evil.example',
    'user@localhost',
    'localhost/evil',
    'localhost:123456',
    'localhost, evil.example',
    '192.168.0.9',
  ])('to another name is not, whatever it resolves to: %s', (host) => {
    expect(at(host)).toMatch(/^expected the host localhost or/);
  });

  it('to the address that it arrived at is answered: an address is no name that anybody else could own', () => {
    expect(at('192.168.0.7:4000', { localAddress: '192.168.0.7' })).toBeUndefined();
    expect(at('192.168.0.7:4000', { localAddress: '::ffff:192.168.0.7' })).toBeUndefined();
    expect(at('[fd00::7]:4000', { localAddress: 'fd00::7' })).toBeUndefined();
    expect(at('192.168.0.8', { localAddress: '192.168.0.7' })).toBeDefined();
  });

  it.each(['http://localhost:4000', 'http://localhost:3000'])('of our own pages is answered: %s', (origin) => {
    expect(at('localhost:4000', { origin })).toBeUndefined();
  });

  it.each(['null', 'http://localhost:4001', 'http://localhost', 'https://evil.example', 'file://', 'localhost:4000'])(
    'of another site is not: %s',
    (origin) => {
      expect(at('localhost:4000', { origin })).toMatch(/^expected a request of this server's own pages/);
    },
  );
});
