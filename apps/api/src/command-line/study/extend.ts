/** `kinetune study extend`. */
import { Option, type Command } from 'commander';
import { extendBudget } from '../../studies/extend-budget.ts';
import { count } from '../../terminal/format.ts';
import { wholeNumber } from '../common-options.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { namedStudyCommand, type NamedStudy, type StudyOptions } from './study-options.ts';

interface ExtendOptions extends StudyOptions {
  readonly trials: number;
}

export function extendCommand(): Command {
  return namedStudyCommand<ExtendOptions>(
    'extend',
    'set how many configurations a study may propose; a completed one with budget left runs again',
    extend,
  ).addOption(
    new Option('--trials <n>', 'configurations in all, not on top').argParser(wholeNumber(1)).makeOptionMandatory(),
  );
}

async function extend({ storage: { db }, study, options, output }: NamedStudy<ExtendOptions>): Promise<number> {
  const { budget, state } = await extendBudget(db, study, options.trials);
  output.result([
    `${study.name} may propose ${count(budget.trials, 'configuration')}, ${count(study.budget.trials, 'configuration')} before; it is ${state.toLowerCase()}.`,
  ]);
  output.json({ study: study.name, trials: budget.trials, trialsBefore: study.budget.trials, state });
  return EXIT_CODES.ok;
}
