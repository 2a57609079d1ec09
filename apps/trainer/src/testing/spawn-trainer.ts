/** The real trainer process with the ends of its pipes, for tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { messageFromTrainer, type MessageFromTrainer } from '@kinetune/study';

export interface SpawnedTrainer extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly input: Writable;
  readonly output: Readable;
  tell(message: unknown): void;
  /** The next message; throws with the process's log when it ended instead. */
  next(): Promise<MessageFromTrainer>;
  /** Messages up to and including the first of this type. */
  until(type: MessageFromTrainer['type']): Promise<readonly MessageFromTrainer[]>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** What it wrote to stdout and stderr. */
  log(): string;
}

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

export function spawnTrainer(
  args: readonly string[] = ['--intra-op-threads', '1', '--inter-op-threads', '1'],
): SpawnedTrainer {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] });
  const [, , , input, output] = child.stdio as unknown as [unknown, unknown, unknown, Writable, Readable];
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  input.on('error', () => {});
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    // Not 'close', which waits until every message has been read.
    child.on('exit', (code, signal) => resolve({ code, signal })),
  );
  const messages = readMessages(output);
  const next = async (): Promise<MessageFromTrainer> => {
    const { value, done } = await messages.next();
    if (done === true) throw new Error(`the trainer ended: ${JSON.stringify(await ended)}\n${log}`);
    return value;
  };
  return {
    process: child,
    input,
    output,
    tell: (message) => void input.write(`${JSON.stringify(message)}\n`),
    next,
    async until(type) {
      const heard: MessageFromTrainer[] = [];
      do heard.push(await next());
      while (heard.at(-1)?.type !== type);
      return heard;
    },
    ended,
    log: () => log,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function* readMessages(output: Readable): AsyncGenerator<MessageFromTrainer, undefined> {
  let rest = '';
  for await (const chunk of output.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) yield messageFromTrainer.parse(JSON.parse(line));
  }
  return undefined;
}
