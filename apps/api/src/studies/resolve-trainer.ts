/** The trainer of a study file that names a command: what the database keeps of it. */
import { basename, dirname } from 'node:path';
import type { Trainer } from '@kinetune/storage';

export interface ResolveTrainerOptions {
  /** What the study file says it trains. */
  readonly model: string | undefined;
  /** The study file, relative to the workspace or absolute. */
  readonly file: string;
}

/** The command as it is written, and the folder that its paths are relative to. */
export function resolveTrainer(
  command: readonly string[],
  { model, file }: ResolveTrainerOptions,
): { readonly model: string; readonly trainer: Trainer } {
  return { model: model ?? programName(command), trainer: { kind: 'command', command, folder: dirname(file) } };
}

/** What people would call it: the script that an interpreter is given, else the program. */
function programName(command: readonly string[]): string {
  const [program = '', ...rest] = command;
  const script = rest.find((word) => !word.startsWith('-'));
  return basename(script !== undefined && /\.\w+$/.test(script) ? script : program);
}
