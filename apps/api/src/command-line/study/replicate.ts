/** `kinetune study replicate`. */
import { Option, type Command } from 'commander';
import { count } from '../../terminal/format.ts';
import { wholeNumber } from '../common-options.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { deskCommand, type AskedStudy, type StudyOptions } from './study-options.ts';

interface ReplicateOptions extends StudyOptions {
  readonly trial?: number;
  readonly seeds: number;
}

export function replicateCommand(): Command {
  return deskCommand<ReplicateOptions>(
    'replicate',
    'queue further trials of a configuration with other seeds, on each of its folds; kinetune train runs them',
    replicate,
  )
    .addOption(
      new Option('--trial <n>', 'which configuration, by number (default: the best)').argParser(wholeNumber(0)),
    )
    .addOption(new Option('--seeds <k>', 'how many further seeds').default(3).argParser(wholeNumber(1, 100)));
}

async function replicate({ desk, name, options, output }: AskedStudy<ReplicateOptions>): Promise<number> {
  const { number, seeds, folds, queued } = await desk.replicate(name, { number: options.trial, seeds: options.seeds });
  const where = folds.length === 1 ? '' : `, ${count(seeds.length, 'seed')} on each of ${count(folds.length, 'fold')}`;
  output.result([
    `${count(queued, 'trial')} of configuration ${number} of ${name} ${queued === 1 ? 'is' : 'are'} queued${where}.`,
    'Run them with: kinetune train <its file>',
  ]);
  output.json({ study: name, trial: number, seeds, folds, queued });
  return EXIT_CODES.ok;
}
