/** `kinetune study pause`, `resume`, `cancel`, `archive` and `unarchive`: what a person does to a study as a whole. */
import { InputError } from '@kinetune/study';
import { Option, type Command } from 'commander';
import type { StudyChange } from '../desk/study-desk.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { deskCommand, type StudyOptions } from './study-options.ts';

export function pauseCommand(): Command {
  return changing('pause', 'start no further trial; those that run go on to their end', () => ({ type: 'pause' }));
}

export function resumeCommand(): Command {
  return changing(
    'resume',
    'let trials be started again, by kinetune train or a server; failed ones are retried',
    () => ({ type: 'resume' }),
  );
}

export function cancelCommand(): Command {
  return changing<StudyOptions & { readonly reason: string }>(
    'cancel',
    'end a study for good; what was measured is kept',
    ({ reason }) => {
      if (reason.trim() === '') throw new InputError('text-empty', '--reason: expected a sentence, got nothing');
      return { type: 'cancel', reason: reason.trim() };
    },
  ).addOption(new Option('--reason <text>', 'why; it stays with the trials that it ends').makeOptionMandatory());
}

export function archiveCommand(): Command {
  return changing('archive', 'put a study that does not run away from the lists; nothing is lost', () => ({
    type: 'archive',
  }));
}

export function unarchiveCommand(): Command {
  return changing('unarchive', 'bring an archived study back', () => ({ type: 'unarchive' }));
}

function changing<Options extends StudyOptions>(
  command: string,
  description: string,
  changeOf: (options: Options) => StudyChange,
): Command {
  return deskCommand<Options>(command, description, async ({ desk, name, options, output }): Promise<number> => {
    const { state, archivedAt } = await desk.change(name, changeOf(options));
    output.result([`${name} is ${state.toLowerCase()}${archivedAt === null ? '' : ' and archived'}.`]);
    output.json({ study: name, state, archivedAt });
    return EXIT_CODES.ok;
  });
}
