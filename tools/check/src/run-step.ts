import { spawn } from 'node:child_process';

export interface Step {
  readonly name: string;
  /** A program of node_modules/.bin or the search path, with its arguments. */
  readonly command: readonly [string, ...string[]];
  /** Its tests are counted one by one, and it prints as it goes; the others are quiet until they fail. */
  readonly countsTests?: boolean;
}

export interface StepResult {
  readonly step: Step;
  readonly isOk: boolean;
  readonly durationMs: number;
}

export interface RunStepOptions {
  readonly root: string;
  readonly write: (text: string) => void;
}

/** Runs one step from the workspace root and prints what it said if it failed. Ends by itself; never throws for a failure. */
export async function runStep(step: Step, { root, write }: RunStepOptions): Promise<StepResult> {
  const startedAt = performance.now();
  write(`\n> ${step.name}: ${step.command.join(' ')}\n`);
  const [program, ...args] = step.command;
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', step.countsTests ? 'inherit' : 'pipe', step.countsTests ? 'inherit' : 'pipe'],
  });
  const output: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => output.push(chunk));
  const { promise, resolve } = Promise.withResolvers<boolean>();
  child.on('error', (error) => {
    output.push(Buffer.from(`${error.message}\n`));
    resolve(false);
  });
  child.on('close', (exitCode) => resolve(exitCode === 0));
  const isOk = await promise;
  if (!isOk) write(Buffer.concat(output).toString());
  return { step, isOk, durationMs: performance.now() - startedAt };
}
