/**
 * A trainer process and the protocol's pipes: messages to it on file descriptor 3, from it on 4, stdout and stderr to the
 * trial's log. It works on one trial at a time and is used again for the next.
 */
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { MessageToTrainer } from '@kinetune/study';
import { createMessageReader, type Heard } from './message-reader.ts';
import type { ProcessEnd } from './out-of-memory.ts';

/** How a trainer is started. */
export interface TrainerCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where it runs, absolute; absent: where we do. */
  readonly folder?: string;
}

/** What waiting for the next message ends with. */
export type Received =
  | Heard
  | { readonly type: 'silent'; readonly afterMs: number }
  | { readonly type: 'aborted' }
  | { readonly type: 'exited'; readonly how: string; readonly end: ProcessEnd };

export interface ReceiveOptions {
  /** Longest silence, ms. */
  readonly limitMs: number;
  /** Ends the wait early. */
  readonly abort?: AbortSignal | undefined;
}

export interface TrainerProcess {
  readonly pid: number;
  /** Never throws: a message to a trainer that is gone is dropped, its end is received instead. */
  send(message: MessageToTrainer): void;
  /** For checks of a trainer: a line, or bytes, that need not be a message. */
  sendLine(line: string): void;
  sendBytes(bytes: Buffer): void;
  /** As the agent's death would: the trainer reads the end of its input. */
  closeInput(): void;
  receive(options: ReceiveOptions): Promise<Received>;
  /** Where stdout and stderr go from now on; what came before is passed on first. */
  logTo(write: (chunk: Buffer) => void): void;
  /** Ends it at once; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Asks it to exit, and kills it when it has not within `limitMs`. */
  shutDown(limitMs: number): Promise<void>;
  readonly isAlive: boolean;
  /** Whether it was told to start a trial. */
  readonly isUsed: boolean;
  /** Resolves when the process is gone and everything it said has been read. */
  readonly gone: Promise<void>;
}

/** One message is at most this long: an evaluation of 1,000 people and 50 classes takes under 100 kB. */
const MAXIMUM_LINE_LENGTH = 8_000_000;
/** Messages that wait to be received before the trainer is made to wait. */
const MAXIMUM_QUEUE = 1_000;
/** Log bytes kept while no trial is there to take them. */
const EARLY_LOG_BYTES = 100_000;

/** Starts a trainer. A command that cannot be started is received as its exit. */
export function startTrainer(command: TrainerCommand): TrainerProcess {
  const child = spawn(command.file, command.args, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...command.environment },
    cwd: command.folder,
    // A group of its own: the terminal's Ctrl-C is for us, we ask trainers to stop. When we die they read the end of fd 3.
    detached: true,
  });
  const toTrainer = child.stdio[3] as Writable;
  const fromTrainer = child.stdio[4] as Readable;
  const queue: Received[] = [];
  let wake: (() => void) | undefined;
  let end: Received | undefined;
  let isUsed = false;
  const arrive = (received: Received): void => {
    queue.push(received);
    wake?.();
  };

  const reader = createMessageReader(MAXIMUM_LINE_LENGTH);
  fromTrainer.on('data', (chunk: Buffer) => {
    for (const heard of reader.push(chunk)) arrive(heard);
    // A trainer that talks while nobody listens waits, and fills no memory of ours.
    if (queue.length > MAXIMUM_QUEUE) fromTrainer.pause();
  });
  // The pipes of a process that is gone: its end is received as such.
  for (const stream of [toTrainer, fromTrainer, child.stdout, child.stderr]) stream?.on('error', () => {});

  let early: Buffer[] = [];
  let earlyBytes = 0;
  let write: ((chunk: Buffer) => void) | undefined;
  const log = (chunk: Buffer): void => {
    if (write !== undefined) return write(chunk);
    early.push(chunk);
    earlyBytes += chunk.length;
    while (earlyBytes > EARLY_LOG_BYTES && early.length > 1) earlyBytes -= (early.shift() as Buffer).length;
  };
  child.stdout?.on('data', log);
  child.stderr?.on('data', log);

  const gone = new Promise<void>((resolve) => {
    const finish = (how: string, processEnd: ProcessEnd = { code: null, signal: null }): void => {
      if (end !== undefined) return;
      end = { type: 'exited', how, end: processEnd };
      arrive(end);
      resolve();
    };
    // 'close' comes after the pipes are drained, so what it said before its end is read before it.
    child.on('close', (code, signal) =>
      finish(signal === null ? `exited with code ${code}` : `was ended by ${signal}`, { code, signal }),
    );
    child.on('error', (error) => finish(`could not be started: ${error.message}`));
  });

  const kill = (): Promise<void> => {
    if (end === undefined && child.pid !== undefined) {
      try {
        // The whole group: a trainer may have started processes of its own.
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        child.kill('SIGKILL');
      }
    }
    return gone;
  };

  const sendBytes = (bytes: Buffer | string): void => {
    if (end === undefined && toTrainer.writable) toTrainer.write(bytes);
  };

  return {
    pid: child.pid ?? -1,
    send(message) {
      if (message.type === 'start') isUsed = true;
      sendBytes(`${JSON.stringify(message)}\n`);
    },
    sendLine: (line) => sendBytes(`${line}\n`),
    sendBytes,
    closeInput: () => void toTrainer.end(),
    async receive({ limitMs, abort }) {
      const deadline = performance.now() + limitMs;
      for (;;) {
        const received = queue.shift() ?? end;
        if (queue.length <= MAXIMUM_QUEUE && fromTrainer.isPaused()) fromTrainer.resume();
        if (received !== undefined) return received;
        if (abort?.aborted === true) return { type: 'aborted' };
        const leftMs = deadline - performance.now();
        if (leftMs <= 0) return { type: 'silent', afterMs: limitMs };
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, leftMs);
          const done = (): void => {
            clearTimeout(timer);
            abort?.removeEventListener('abort', done);
            wake = undefined;
            resolve();
          };
          wake = done;
          abort?.addEventListener('abort', done, { once: true });
        });
      }
    },
    logTo(target) {
      write = target;
      for (const chunk of early) target(chunk);
      early = [];
      earlyBytes = 0;
    },
    kill,
    async shutDown(limitMs) {
      if (end !== undefined) return;
      toTrainer.write(`${JSON.stringify({ type: 'shutdown' } satisfies MessageToTrainer)}\n`);
      toTrainer.end();
      const timer = setTimeout(() => void kill(), limitMs);
      await gone;
      clearTimeout(timer);
    },
    gone,
    get isAlive() {
      return end === undefined;
    },
    get isUsed() {
      return isUsed;
    },
  };
}
