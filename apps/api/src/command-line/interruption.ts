/**
 * Ctrl-C, SIGTERM and a closed terminal. The first asks for a clean stop, a second one for an end at once. Nx forwards the
 * terminal's SIGINT to a child that has had it already: a repeat within 300 ms is the same key press.
 */
import { EXIT_CODES } from './exit-codes.ts';

const SAME_KEY_PRESS_MS = 300;

export interface Interruption extends Disposable {
  /** Aborted by the first signal: stop cleanly. */
  readonly stop: AbortSignal;
  /** Aborted by the second: stop at once. */
  readonly stopNow: AbortSignal;
  /** The exit code to end with, once `stop` is aborted. */
  exitCode(): number;
}

/** Listens until it is disposed. `now` gives monotonic milliseconds. */
export function listenForInterruption(
  source: Pick<NodeJS.Process, 'on' | 'off'> = process,
  now: () => number = () => performance.now(),
): Interruption {
  const stop = new AbortController();
  const stopNow = new AbortController();
  let firstAt = 0;
  let exitCode: number = EXIT_CODES.interrupted;
  const listener = (signal: NodeJS.Signals): void => {
    if (!stop.signal.aborted) {
      firstAt = now();
      exitCode = signal === 'SIGINT' ? EXIT_CODES.interrupted : EXIT_CODES.terminated;
      stop.abort(signal);
    } else if (now() - firstAt > SAME_KEY_PRESS_MS) {
      stopNow.abort(signal);
    }
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) source.on(signal, listener);
  return {
    stop: stop.signal,
    stopNow: stopNow.signal,
    exitCode: () => exitCode,
    [Symbol.dispose]: () => {
      for (const signal of signals) source.off(signal, listener);
    },
  };
}

/** What `work` gives, or `stopped` as soon as the first signal comes; the work's later failure is then nobody's concern. */
export async function untilStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T | 'stopped'> {
  const stopped = new Promise<'stopped'>((resolve) => {
    if (stop.aborted) resolve('stopped');
    stop.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  work.catch(() => {});
  return Promise.race([stopped, work]);
}
