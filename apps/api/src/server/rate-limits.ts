/** How often somebody may change something, or fail to say who they are. Counted in this process; each server counts its own. */
import { isIPv6 } from 'node:net';
import { GraphQLError } from 'graphql';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

export interface RateLimitOptions {
  /** Mutation fields of one token or, without tokens, of one address. A loop that tells an epoch a second for 100 trials makes 6,000. */
  readonly mutationsPerMinute?: number;
  /** Failed authentications of one address. They cannot guess 256 bits: the limit spares the server. Valid tokens always pass. */
  readonly failuresPerMinute?: number;
}

export interface RateLimits {
  /** @throws GraphQLError RATE_LIMITED */
  countMutations(who: string, fields: number): Promise<void>;
  /** Counts a failure. @throws GraphQLError RATE_LIMITED once there are too many. */
  countFailure(address: string): Promise<void>;
}

export function createRateLimits({
  mutationsPerMinute = 12_000,
  failuresPerMinute = 30,
}: RateLimitOptions = {}): RateLimits {
  const mutations = new RateLimiterMemory({ points: mutationsPerMinute, duration: 60 });
  const failures = new RateLimiterMemory({ points: failuresPerMinute, duration: 60 });
  return {
    countMutations: (who, fields) => count(mutations, { key: who, points: fields, what: 'mutations' }),
    countFailure: (address) => count(failures, { key: networkOf(address), points: 1, what: 'failed authentications' }),
  };
}

async function count(
  limiter: RateLimiterMemory,
  { key, points, what }: { readonly key: string; readonly points: number; readonly what: string },
): Promise<void> {
  try {
    await limiter.consume(key, points);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
    throw new GraphQLError(`expected at most ${limiter.points} ${what} a minute, got more: try again in ${seconds} s`, {
      extensions: {
        code: 'RATE_LIMITED',
        retryAfterSeconds: seconds,
        http: { status: 429, headers: new Map([['retry-after', String(seconds)]]) },
      },
    });
  }
}

/** One IPv6 host has 2^64 addresses of its own: its network stands for it. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address.replace(/^::ffff:/, '');
  const [head = '', tail = ''] = address.split('::');
  const groups = (half: string): string[] => (half === '' ? [] : half.split(':'));
  const [first, last] = [groups(head), groups(tail)];
  const whole = address.includes('::')
    ? [...first, ...Array.from({ length: 8 - first.length - last.length }, () => '0'), ...last]
    : first;
  return whole.slice(0, 4).join(':');
}
