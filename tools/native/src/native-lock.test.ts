import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { acquireNativeLock } from './native-lock.ts';

const patient = { signal: new AbortController().signal, onWait: () => undefined };

describe('the lock on a native cache', () => {
  it('is held by one at a time, and passes on when it is let go', async () => {
    const folder = `/nowhere/${randomUUID()}`;
    const order: string[] = [];
    const first = await acquireNativeLock(folder, patient);
    const { promise: waiting, resolve: startsToWait } = Promise.withResolvers<number>();
    const second = acquireNativeLock(folder, { ...patient, onWait: startsToWait }).then((lock) => {
      order.push('second has it');
      return lock;
    });
    expect(await waiting).toBe(process.pid);
    order.push('first lets go');
    await first[Symbol.asyncDispose]();
    await (await second)[Symbol.asyncDispose]();
    expect(order).toEqual(['first lets go', 'second has it']);
  });

  it('does not stand between different folders', async () => {
    await using _one = await acquireNativeLock(`/nowhere/${randomUUID()}`, patient);
    await using _other = await acquireNativeLock(`/nowhere/${randomUUID()}`, patient);
  });

  it('stops waiting when asked to', async () => {
    const folder = `/nowhere/${randomUUID()}`;
    await using _held = await acquireNativeLock(folder, patient);
    const interruption = new AbortController();
    const onWait = () => interruption.abort(new Error('interrupted'));
    await expect(acquireNativeLock(folder, { signal: interruption.signal, onWait })).rejects.toThrow('interrupted');
  });
});
