/** Runs a command's action and turns what it throws into a message and an exit code. */
import { inspect } from 'node:util';
import { EnvironmentError, InputError } from '@kinetune/study';
import { exitCodeOf, isSystemError, systemErrorMessage } from './exit-codes.ts';
import { createOutput, type Output, type OutputFlags } from './output.ts';

/** Runs `action` and sets the process's exit code to what it returns, or to its error's. */
export async function runCommand(flags: OutputFlags, action: (output: Output) => Promise<number>): Promise<void> {
  const output = createOutput(flags);
  try {
    process.exitCode = await action(output);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    reportError(error, output);
  }
}

/** The error for people on stderr, and for programs on stdout where --json asks for it. */
export function reportError(error: unknown, output: Output): void {
  const isKnown = error instanceof InputError || error instanceof EnvironmentError;
  const message = isSystemError(error)
    ? systemErrorMessage(error)
    : error instanceof Error
      ? error.message
      : String(error);
  const code = isKnown || isSystemError(error) ? String(error.code) : 'unexpected';
  const { bad } = output.noteStyles;
  process.stderr.write(`${bad('Error:')} ${message}\n`);
  if (code === 'unexpected') {
    // `inspect` shows the causes too, where a failed query says what the database answered.
    process.stderr.write(`This is a mistake of ours, not of yours. Its trace:\n${inspect(error)}\n`);
  }
  output.json({ error: { code, message, exitCode: exitCodeOf(error) } });
}
