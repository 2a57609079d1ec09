/** `kinetune study pause`, `resume`, `cancel`, `archive` and `unarchive`: what a person does to a study as a whole. */
import { cancelStudy, pauseStudy, resumeStudy, setArchived, type Database, type Study } from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import { Option, type Command } from 'commander';
import { EXIT_CODES } from '../exit-codes.ts';
import { namedStudyCommand, type NamedStudy, type StudyOptions } from './study-options.ts';

export function pauseCommand(): Command {
  return changing('pause', 'start no further trial; those that run go on to their end', pauseStudy);
}

export function resumeCommand(): Command {
  return changing(
    'resume',
    'let trials be started again, by kinetune train or a server; failed ones are retried',
    resumeStudy,
  );
}

export function cancelCommand(): Command {
  return changing<StudyOptions & { readonly reason: string }>(
    'cancel',
    'end a study for good; what was measured is kept',
    (db, studyId, { reason }) => {
      if (reason.trim() === '') throw new InputError('text-empty', '--reason: expected a sentence, got nothing');
      return cancelStudy(db, studyId, reason.trim());
    },
  ).addOption(new Option('--reason <text>', 'why; it stays with the trials that it ends').makeOptionMandatory());
}

export function archiveCommand(): Command {
  return changing('archive', 'put a study that does not run away from the lists; nothing is lost', (db, studyId) =>
    setArchived(db, studyId, true),
  );
}

export function unarchiveCommand(): Command {
  return changing('unarchive', 'bring an archived study back', (db, studyId) => setArchived(db, studyId, false));
}

function changing<Options extends StudyOptions>(
  name: string,
  description: string,
  change: (db: Database, studyId: string, options: Options) => Promise<Study>,
): Command {
  return namedStudyCommand<Options>(
    name,
    description,
    async ({ storage: { db }, study, options, output }: NamedStudy<Options>): Promise<number> => {
      const { state, archivedAt } = await change(db, study.id, options);
      output.result([`${study.name} is ${state.toLowerCase()}${archivedAt === null ? '' : ' and archived'}.`]);
      output.json({ study: study.name, state, archivedAt });
      return EXIT_CODES.ok;
    },
  );
}
