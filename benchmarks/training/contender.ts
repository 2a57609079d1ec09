/** A process that trains on request: one JSON line in, one out. Ours and the rival speak the same lines. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Block {
  readonly msPerStep: number;
  /** Mean training loss of the block: shows that both really train. */
  readonly loss: number;
  readonly weights: number;
  readonly version: string;
}

export interface Contender extends AsyncDisposable {
  readonly name: string;
  run(steps: number): Promise<Block>;
}

/** Starts a process and returns one contender for each of its variants. */
export function startContenders(
  command: readonly string[],
  variants: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>>,
): Contender[] {
  const [program, ...args] = command as [string, ...string[]];
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return Object.entries(variants).map(([name, variant]) => ({
    name,
    async run(steps) {
      child.stdin.write(`${JSON.stringify({ run: variant, steps })}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`${program} ended before it answered; its messages are above`);
      return JSON.parse(value) as Block;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  }));
}
