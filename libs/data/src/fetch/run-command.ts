import { spawn } from 'node:child_process';

export interface CommandOutcome {
  readonly command: string;
  /** undefined where it could not start or was stopped by a signal. */
  readonly exitCode: number | undefined;
  /** The end of what it wrote to both streams, or why it could not start. */
  readonly output: string;
  readonly couldStart: boolean;
  readonly timedOut: boolean;
}

const KEPT_OUTPUT = 4_000;

/** Runs a program to its end, without a shell. Ends it after `timeoutMs`, or when the signal aborts. */
export function runCommand(
  program: string,
  args: readonly string[],
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<CommandOutcome> {
  const command = [program, ...args].map((word) => (/^[\w./:=<>-]+$/.test(word) ? word : `'${word}'`)).join(' ');
  return new Promise((resolve) => {
    let output = '';
    let timedOut = false;
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.signal && { signal: options.signal }),
    });
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, options.timeoutMs);
    let startError: Error | undefined;
    child.on('error', (error) => {
      startError ??= error;
      if (child.pid === undefined) finish(undefined);
    });
    child.on('close', (code) => finish(code ?? undefined));
    function finish(exitCode: number | undefined): void {
      clearTimeout(timer);
      const couldStart = child.pid !== undefined;
      resolve({ command, exitCode, output: couldStart ? output : (startError?.message ?? ''), couldStart, timedOut });
    }
  });
}
