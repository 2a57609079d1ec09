/** Runs the `kinetune` command as people do, in a process of its own. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { FakeBehaviour } from './fake-trainer.ts';

export interface KinetuneOptions {
  readonly home: string;
  /** How the fake trainer behaves; `undefined` runs the real one. */
  readonly trainer: FakeBehaviour | undefined;
  readonly environment?: Readonly<Record<string, string>>;
  /** Words that the command is put behind: `ip netns exec <name>`. */
  readonly within?: readonly string[];
}

export interface KinetuneResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KinetuneProcess {
  readonly pid: number;
  /** Resolves when stdout or stderr has matched; rejects when the process ends before. */
  until(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly result: Promise<KinetuneResult>;
}

const COMMAND = join(import.meta.dirname, '../kinetune.ts');
const FAKE_TRAINER = join(import.meta.dirname, 'fake-trainer.ts');

/** The environment of a command under test: nothing of the caller's settings, and the fake trainer where asked for. */
export function kinetuneEnvironment({ home, trainer, environment = {} }: KinetuneOptions): NodeJS.ProcessEnv {
  const { NO_COLOR: _, FORCE_COLOR: __, KINETUNE_TRAINER: ___, INIT_CWD: ____, ...rest } = process.env;
  return {
    ...rest,
    KINETUNE_HOME: home,
    ...(trainer === undefined
      ? {}
      : {
          KINETUNE_TRAINER: JSON.stringify([process.execPath, FAKE_TRAINER]),
          KINETUNE_FAKE_TRAINER: JSON.stringify(trainer),
        }),
    ...environment,
  };
}

/** The words that start the command, for a shell or a terminal. */
export function kinetuneWords(args: readonly string[]): string[] {
  return [process.execPath, COMMAND, ...args];
}

export function startKinetune(args: readonly string[], options: KinetuneOptions): KinetuneProcess {
  const [file, ...words] = [...(options.within ?? []), ...kinetuneWords(args)];
  const child = spawn(file as string, words, { env: kinetuneEnvironment(options), stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => ((stdout += chunk.toString()), waiting.forEach((check) => check())));
  child.stderr.on('data', (chunk: Buffer) => ((stderr += chunk.toString()), waiting.forEach((check) => check())));
  const result = new Promise<KinetuneResult>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  );
  return {
    pid: child.pid as number,
    async until(pattern) {
      const seen = new Promise<'seen'>((resolve) => {
        const check = (): void => {
          if (!pattern.test(stdout + stderr)) return;
          waiting.delete(check);
          resolve('seen');
        };
        waiting.add(check);
        check();
      });
      const first = await Promise.race([seen, result]);
      if (first !== 'seen') throw new Error(`ended with ${first.code} before ${pattern}:\n${first.stderr}`);
    },
    kill: (signal) => child.kill(signal),
    result,
  };
}

export async function runKinetune(args: readonly string[], options: KinetuneOptions): Promise<KinetuneResult> {
  return startKinetune(args, options).result;
}
