/** `kinetune study replicate`. */
import { rankTrials } from '@kinetune/search';
import { createReplicates, listTrials } from '@kinetune/storage';
import { deriveSeed, InputError } from '@kinetune/study';
import { Option, type Command } from 'commander';
import { analysedConfigurations } from '../../report/analysed-configurations.ts';
import { count } from '../../terminal/format.ts';
import { wholeNumber } from '../common-options.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { namedStudyCommand, type NamedStudy, type StudyOptions } from './study-options.ts';

interface ReplicateOptions extends StudyOptions {
  readonly trial?: number;
  readonly seeds: number;
}

export function replicateCommand(): Command {
  return namedStudyCommand<ReplicateOptions>(
    'replicate',
    'queue further trials of a configuration with other seeds, on each of its folds; kinetune train runs them',
    replicate,
  )
    .addOption(
      new Option('--trial <n>', 'which configuration, by number (default: the best)').argParser(wholeNumber(0)),
    )
    .addOption(new Option('--seeds <k>', 'how many further seeds').default(3).argParser(wholeNumber(1, 100)));
}

async function replicate({ storage: { db }, study, options, output }: NamedStudy<ReplicateOptions>): Promise<number> {
  const all = await listTrials(db, study.id);
  const ranked = rankTrials(analysedConfigurations(all, study.space), study.objective.direction);
  const number = options.trial ?? ranked[0]?.number;
  if (number === undefined)
    throw new InputError(
      'nothing-completed',
      `expected a completed trial of ${study.name} to replicate, found none: run it first, or name one by --trial`,
    );
  const own = all.filter((trial) => trial.number === number);
  const folds = [...new Set(own.map(({ fold }) => fold))].sort((a, b) => a - b);
  const taken = new Set(own.map(({ seed }) => seed));
  // The seeds that the study would have given it, had it been proposed with more replicates.
  const seeds: number[] = [];
  for (let index = 0; seeds.length < options.seeds; index++) {
    const seed = deriveSeed(study.seed, 'trial', number, index);
    if (!taken.has(seed)) seeds.push(seed);
  }
  const added = await createReplicates(db, study.id, {
    number,
    trials: seeds.flatMap((seed) => folds.map((fold) => ({ seed, fold }))),
  });
  const where = folds.length === 1 ? '' : `, ${count(seeds.length, 'seed')} on each of ${count(folds.length, 'fold')}`;
  output.result([
    `${count(added.length, 'trial')} of configuration ${number} of ${study.name} ${added.length === 1 ? 'is' : 'are'} queued${where}.`,
    'Run them with: kinetune train <its file>',
  ]);
  output.json({ study: study.name, trial: number, seeds, folds, queued: added.length });
  return EXIT_CODES.ok;
}
