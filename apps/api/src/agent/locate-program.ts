/** Finds the program of a command trainer before anything is started, so that a mistake is told in the file's words. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { InputError } from '@kinetune/study';

export interface LocateProgramOptions {
  /** Absolute; the trainer runs there, so relative words of its command mean files of it. */
  readonly folder: string;
  /** Its PATH is searched for a program that is named without a folder. */
  readonly environment: NodeJS.ProcessEnv;
  /** What named the program, for messages: `trainer.command`. */
  readonly where: string;
}

/**
 * The program's absolute path: a name is looked for on the PATH, a path is read from the folder.
 * @throws InputError when there is no such program, or it may not be executed.
 */
export function locateProgram(program: string, { folder, environment, where }: LocateProgramOptions): string {
  if (!existsSync(folder))
    throw new InputError('trainer-folder-missing', `${where}: the folder it runs in does not exist: ${folder}`);
  if (isAbsolute(program) || program.includes('/')) {
    const file = resolve(folder, program);
    if (!existsSync(file))
      throw new InputError(
        'trainer-not-found',
        `${where}: expected a program at ${file}, found none; paths are read from ${folder}`,
      );
    if (!isProgram(file))
      throw new InputError(
        'trainer-not-executable',
        `${where}: expected a program that may be executed, and ${file} may not: chmod +x it, or name its interpreter first, as in [python3, ${program}]`,
      );
    return file;
  }
  const folders = (environment.PATH ?? '').split(delimiter).filter((one) => one !== '');
  const found = folders.map((one) => join(one, program)).find(isProgram);
  if (found !== undefined) return found;
  const beside = join(folder, program);
  const advice = existsSync(beside)
    ? `A file of that name lies beside the study: write ./${program}, or name its interpreter first, as in [python3, ${program}].`
    : 'Install it, or write its path.';
  throw new InputError('trainer-not-found', `${where}: expected a program on the PATH, got ${program}. ${advice}`);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
