import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { listenForInterruption, untilStopped } from './interruption.ts';

function listen() {
  const source = new EventEmitter();
  let time = 0;
  const interruption = listenForInterruption(source as unknown as NodeJS.Process, () => time);
  return {
    interruption,
    source,
    signal(name: NodeJS.Signals, at: number) {
      time = at;
      source.emit(name, name);
    },
  };
}

it('stops at the first signal and at once at the second', () => {
  const { interruption, signal } = listen();
  signal('SIGINT', 1000);
  expect([interruption.stop.aborted, interruption.stopNow.aborted]).toEqual([true, false]);
  signal('SIGINT', 2000);
  expect(interruption.stopNow.aborted).toBe(true);
  expect(interruption.exitCode()).toBe(130);
});

it('takes a repeat within 300 ms for the same key press, as Nx passes it on', () => {
  const { interruption, signal } = listen();
  signal('SIGINT', 1000);
  signal('SIGINT', 1300);
  expect(interruption.stopNow.aborted).toBe(false);
});

it.each(['SIGTERM', 'SIGHUP'] as const)('%s has its own exit code', (name) => {
  const { interruption, signal } = listen();
  signal(name, 0);
  expect(interruption.exitCode()).toBe(143);
});

it('listens no more once it is disposed', () => {
  const { interruption, source } = listen();
  interruption[Symbol.dispose]();
  expect(source.listenerCount('SIGINT')).toBe(0);
});

it('does not wait for work that a signal overtakes', async () => {
  const stop = new AbortController();
  const never = new Promise<number>(() => {});
  const result = untilStopped(never, stop.signal);
  stop.abort();
  expect(await result).toBe('stopped');
  expect(await untilStopped(Promise.resolve(1), new AbortController().signal)).toBe(1);
});
