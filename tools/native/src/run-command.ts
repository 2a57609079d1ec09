import { spawn } from 'node:child_process';

export type CommandResult =
  | { readonly outcome: 'missing' }
  | {
      readonly outcome: 'ended';
      /** Null when a signal ended it. */
      readonly exitCode: number | null;
      readonly endedBy: NodeJS.Signals | null;
      readonly stdout: string;
      readonly stderr: string;
    };

export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly cwd?: string;
}

/** Runs a program to its end and keeps what it wrote. `missing` when the search path has no such program. */
export function runCommand(program: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { promise, resolve, reject } = Promise.withResolvers<CommandResult>();
  const child = spawn(program, args, {
    env: options.env,
    cwd: options.cwd,
    signal: options.signal,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  let failure: NodeJS.ErrnoException | undefined;
  child.on('error', (error) => (failure = error));
  // `close` comes after `error`, and only once the program is gone and its output is read.
  child.on('close', (exitCode, endedBy) => {
    if (options.signal.aborted) return reject(options.signal.reason as Error);
    if (failure?.code === 'ENOENT' || failure?.code === 'EACCES') return resolve({ outcome: 'missing' });
    if (failure) return reject(failure);
    const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString('utf8');
    resolve({ outcome: 'ended', exitCode, endedBy, stdout: text(stdout), stderr: text(stderr) });
  });
  return promise;
}

/** True when the program ran and reported success. */
export function succeeded(result: CommandResult): result is Extract<CommandResult, { outcome: 'ended' }> {
  return result.outcome === 'ended' && result.exitCode === 0;
}

/** What a program said, for an error message: its last lines, indented. */
export function lastLines(result: CommandResult, count = 6): string {
  if (result.outcome === 'missing') return '  (not found)';
  const lines = `${result.stdout}\n${result.stderr}`.split('\n').filter((line) => line.trim() !== '');
  const ending = result.endedBy ? [`(ended by ${result.endedBy})`] : [];
  return [...lines.slice(-count), ...ending].map((line) => `  ${line}`).join('\n');
}
