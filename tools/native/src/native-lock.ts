/**
 * One builder at a time for a cache folder. The lock is a listening socket in Linux's abstract namespace: the kernel
 * takes it back the moment its holder dies, however it dies, so there is no stale lock to judge and a living holder is
 * never robbed. Waiters keep a connection open and learn from its end that the holder is gone.
 *
 * Containers with separate networks do not see each other's lock; publication by rename keeps them harmless to each other.
 */
import { createHash } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface NativeLockOptions {
  readonly signal: AbortSignal;
  /** Called once for each holder that is waited for. */
  readonly onWait: (holderPid: number) => void;
}

/** Waits for the lock on `cacheFolder` (absolute) and holds it until disposed. Rejects when `signal` aborts. */
export async function acquireNativeLock(cacheFolder: string, options: NativeLockOptions): Promise<AsyncDisposable> {
  const digest = createHash('sha256').update(cacheFolder).digest('hex').slice(0, 32);
  const address = `\0kinetune-native-${digest}`;
  for (;;) {
    options.signal.throwIfAborted();
    const held = await tryListen(address);
    if (held) return held;
    await waitForHolder(address, options);
  }
}

async function tryListen(address: string): Promise<AsyncDisposable | undefined> {
  const waiters = new Set<Socket>();
  const server: Server = createServer((waiter) => {
    waiters.add(waiter);
    waiter.on('error', () => waiter.destroy());
    waiter.on('close', () => waiters.delete(waiter));
    waiter.write(`${process.pid}\n`);
  });
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  server.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
  server.listen(address, () => resolve(true));
  if (!(await promise)) return undefined;
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((done) => server.close(done));
      for (const waiter of waiters) waiter.destroy();
      await closed;
    },
  };
}

async function waitForHolder(address: string, { signal, onWait }: NativeLockOptions): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect(address);
  const abort = () => socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  socket.setEncoding('utf8');
  socket.on('data', (pid: string) => onWait(Number(pid)));
  // Refused: the holder let go between our attempt and this one. Either way the next attempt decides.
  socket.on('error', () => undefined);
  socket.on('end', () => socket.end());
  socket.on('close', () => resolve());
  await promise;
  signal.removeEventListener('abort', abort);
}
