import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { maskError } from './mask-error.ts';

/** What a client is told of an error of a resolver, and what stands in the log. */
function told(originalError: Error) {
  const logged: unknown[] = [];
  const error = new GraphQLError(originalError.message, { originalError, path: ['studies'] });
  return { logged, ...maskError(error, error.toJSON(), (entry) => logged.push(entry.error)) };
}

describe('an error that a client is told', () => {
  it.each([
    ['a server that is gone', { code: 'ECONNREFUSED' }],
    ['a server that is stopped', { code: '57P01' }],
    ['a full disk', { code: '53100' }],
  ])('is an outage for %s, whatever the query was', (_, details) => {
    const cause = Object.assign(new Error('10.0.0.7 says no'), details);
    const { logged, message, extensions } = told(new Error('Failed query: select secret', { cause }));
    expect(extensions).toEqual({ code: 'UNAVAILABLE' });
    expect(message).toMatch(/^the server cannot do this at the moment: .* try again \([0-9a-f-]{36} in its log\)$/);
    expect(logged).toHaveLength(1);
  });

  it('is a fault of ours where nothing shows another cause', () => {
    const { logged, message, extensions } = told(new Error('Failed query: select secret'));
    expect(extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR' });
    expect(message).not.toContain('secret');
    expect(logged).toHaveLength(1);
  });
});
