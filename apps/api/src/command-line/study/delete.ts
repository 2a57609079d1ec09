/** `kinetune study delete`. */
import { listTrials } from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import { Option, type Command } from 'commander';
import { deleteStudy } from '../../studies/delete-study.ts';
import { filesOf, measureFolders, type StudyFiles } from '../../studies/study-files.ts';
import { count, formatBytes } from '../../terminal/format.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { resolveStore } from '../start-work.ts';
import { namedStudyCommand, type NamedStudy, type StudyOptions } from './study-options.ts';

interface DeleteOptions extends StudyOptions {
  readonly yes?: boolean;
  readonly store?: string;
}

export function deleteCommand(): Command {
  return namedStudyCommand<DeleteOptions>(
    'delete',
    'delete a study that does not run for good, with its trials, checkpoints and logs',
    deleteNamed,
  )
    .addOption(new Option('--yes', 'do it; without it the command says what would go, and refuses'))
    .addOption(
      new Option('--store <folder>', 'where checkpoints and logs lie (default: KINETUNE_STORE, else the home)'),
    );
}

async function deleteNamed({ storage, study, options, output }: NamedStudy<DeleteOptions>): Promise<number> {
  const { db, home } = storage;
  const store = resolveStore(options.store, home);
  if (options.yes !== true) {
    const trialIds = (await listTrials(db, study.id)).map(({ id }) => id);
    const files = await measureFolders(store, filesOf(study.name, trialIds));
    throw new InputError(
      'not-confirmed',
      `expected --yes to delete ${study.name} for good, with ${shown(trialIds.length, files)}: nothing was deleted. kinetune study archive ${study.name} puts it away and loses nothing`,
    );
  }
  const { trialIds, ...files } = await deleteStudy(db, study.id, { store, confirmedName: study.name });
  output.result([`${study.name} is deleted, with ${shown(trialIds.length, files)}.`]);
  output.json({ study: study.name, trials: trialIds.length, checkpoints: files.checkpoints, freedBytes: files.bytes });
  return EXIT_CODES.ok;
}

function shown(trials: number, { checkpoints, bytes }: StudyFiles): string {
  return `${count(trials, 'trial')} and ${count(checkpoints, 'checkpoint')}, ${formatBytes(bytes)} with their logs`;
}
