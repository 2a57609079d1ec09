/** How a slot's trainer is started: the built-in one, or a program that speaks the protocol. */
import { join, resolve } from 'node:path';
import type { Trainer } from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import { locateProgram } from './locate-program.ts';
import type { TrainerCommand } from './trainer-process.ts';

export interface TrainerCommandOptions {
  readonly trainer?: Trainer;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * The command of a slot on the CPU: one thread for each slot, so that a trial's numbers do not depend on how many run
 * beside it. Thread counts are read when TensorFlow loads, hence from the environment.
 * `KINETUNE_TRAINER` (a JSON list of words) starts another program in place of the built-in trainer.
 * @throws InputError for a program that is not there or may not be executed.
 */
export function trainerCommand(
  workspaceRoot: string,
  { trainer = { kind: 'built-in' }, environment = process.env }: TrainerCommandOptions = {},
): TrainerCommand {
  return {
    ...programOf(trainer, { workspaceRoot, environment }),
    environment: {
      KINETUNE_INTRA_OP_THREADS: '1',
      KINETUNE_INTER_OP_THREADS: '1',
      TF_NUM_INTRAOP_THREADS: '1',
      TF_NUM_INTEROP_THREADS: '1',
      OMP_NUM_THREADS: '1',
      // Slots are CPU cores: two trainers on one unannounced GPU would take its memory from each other.
      CUDA_VISIBLE_DEVICES: '-1',
      TF_CPP_MIN_LOG_LEVEL: environment.TF_CPP_MIN_LOG_LEVEL ?? '1',
      // Type stripping is settled; its warning would head every log.
      NODE_NO_WARNINGS: '1',
      // Python keeps what it prints until its buffer is full; a killed trainer's last words would be lost.
      PYTHONUNBUFFERED: '1',
    },
  };
}

function programOf(
  trainer: Trainer,
  { workspaceRoot, environment }: { readonly workspaceRoot: string; readonly environment: NodeJS.ProcessEnv },
): Pick<TrainerCommand, 'file' | 'args' | 'folder'> {
  if (trainer.kind === 'command') {
    const [program = '', ...args] = trainer.command;
    const folder = resolve(workspaceRoot, trainer.folder ?? '.');
    return { file: locateProgram(program, { folder, environment, where: 'trainer.command' }), args, folder };
  }
  const [file, ...args] = statedCommand(environment.KINETUNE_TRAINER) ?? [
    process.execPath,
    join(workspaceRoot, 'apps/trainer/src/main.ts'),
  ];
  return { file: file as string, args };
}

function statedCommand(text: string | undefined): string[] | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const wrong = new InputError(
    'trainer-command',
    `KINETUNE_TRAINER: expected a JSON list of words such as ["python3","trainer.py"], got ${text}`,
  );
  let words: unknown;
  try {
    words = JSON.parse(text);
  } catch {
    throw wrong;
  }
  if (!Array.isArray(words) || words.length === 0 || !words.every((word) => typeof word === 'string')) throw wrong;
  return words;
}
