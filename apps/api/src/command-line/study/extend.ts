/** `kinetune study extend`. */
import { Option, type Command } from 'commander';
import { count } from '../../terminal/format.ts';
import { wholeNumber } from '../common-options.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { deskCommand, type AskedStudy, type StudyOptions } from './study-options.ts';

interface ExtendOptions extends StudyOptions {
  readonly trials: number;
}

export function extendCommand(): Command {
  return deskCommand<ExtendOptions>(
    'extend',
    'set how many configurations a study may propose; a completed one with budget left runs again',
    extend,
  ).addOption(
    new Option('--trials <n>', 'configurations in all, not on top').argParser(wholeNumber(1)).makeOptionMandatory(),
  );
}

async function extend({ desk, name, options, output }: AskedStudy<ExtendOptions>): Promise<number> {
  const { trials, before, state } = await desk.extend(name, options.trials);
  output.result([
    `${name} may propose ${count(trials, 'configuration')}, ${count(before, 'configuration')} before; it is ${state.toLowerCase()}.`,
  ]);
  output.json({ study: name, trials, trialsBefore: before, state });
  return EXIT_CODES.ok;
}
