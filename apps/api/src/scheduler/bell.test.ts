import { it } from 'vitest';
import { createBell } from './bell.ts';

const never = new AbortController().signal;

it('a bell wakes all who wait for it', async () => {
  const bell = createBell();
  const waits = [1, 2].map(() => bell.wait(bell.rings, 1e6, never));
  bell.ring();
  await Promise.all(waits);
});

it('a ring between looking and waiting is not missed', async () => {
  const bell = createBell();
  const { rings } = bell;
  bell.ring();
  await bell.wait(rings, 1e6, never);
});

it('waiting ends with the signal and with its limit', async () => {
  const bell = createBell();
  const stop = new AbortController();
  const waiting = bell.wait(bell.rings, 1e6, stop.signal);
  stop.abort();
  await waiting;
  await bell.wait(bell.rings, 1e6, stop.signal);
  await bell.wait(bell.rings, 1, never);
});
