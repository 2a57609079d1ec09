/** `kinetune study delete`. */
import { InputError } from '@kinetune/study';
import { Option, type Command } from 'commander';
import { count, formatBytes } from '../../terminal/format.ts';
import type { StudyRemains } from '../desk/study-desk.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { resolveStore } from '../start-work.ts';
import { deskCommand, type AskedStudy, type StudyOptions } from './study-options.ts';

interface DeleteOptions extends StudyOptions {
  readonly yes?: boolean;
  readonly store?: string;
}

export function deleteCommand(): Command {
  return deskCommand<DeleteOptions>(
    'delete',
    'delete a study that does not run for good, with its trials, checkpoints and logs',
    deleteNamed,
  )
    .addOption(new Option('--yes', 'do it; without it the command says what would go, and refuses'))
    .addOption(
      new Option(
        '--store <folder>',
        'where checkpoints and logs lie (default: KINETUNE_STORE, else the home); a running API uses its own',
      ),
    );
}

async function deleteNamed({ desk, name, options, output }: AskedStudy<DeleteOptions>): Promise<number> {
  const store = resolveStore(options.store, desk.home);
  if (options.yes !== true)
    throw new InputError(
      'not-confirmed',
      `expected --yes to delete ${name} for good, with ${shown(await desk.measure(name, { store }))}: nothing was deleted. kinetune study archive ${name} puts it away and loses nothing`,
    );
  const { bytes: freedBytes, ...gone } = await desk.delete(name, { store });
  output.result([`${name} is deleted, with ${shown({ ...gone, bytes: freedBytes })}.`]);
  output.json({ study: name, ...gone, freedBytes });
  return EXIT_CODES.ok;
}

function shown({ trials, checkpoints, bytes }: StudyRemains): string {
  return `${count(trials, 'trial')} and ${count(checkpoints, 'checkpoint')}, ${formatBytes(bytes)} with their logs`;
}
