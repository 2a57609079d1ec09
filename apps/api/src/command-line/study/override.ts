/** `kinetune study override`. */
import { QUESTION_IDS, QUESTIONS, type QuestionId } from '@kinetune/search';
import { Option, type Command } from 'commander';
import { EXIT_CODES } from '../exit-codes.ts';
import { byOption, type ByOption } from './by-option.ts';
import { deskCommand, type AskedStudy, type StudyOptions } from './study-options.ts';

interface OverrideOptions extends StudyOptions, ByOption {
  readonly question: string;
  readonly reason: string;
}

export function overrideCommand(): Command {
  return deskCommand<OverrideOptions>(
    'override',
    'pass over a question before believing a result, with a reason that stays with the conclusion',
    override,
  )
    .addOption(new Option('--question <id>', `one of ${QUESTION_IDS.join(', ')}`).makeOptionMandatory())
    .addOption(new Option('--reason <text>', 'why the result holds all the same').makeOptionMandatory())
    .addOption(byOption());
}

async function override({ desk, name, options, output }: AskedStudy<OverrideOptions>): Promise<number> {
  const { question } = options;
  const reason = options.reason.trim();
  const { by, isLocked, lockedBy } = await desk.override(name, { question, reason, by: options.by });
  output.result([
    `${name}: "${QUESTIONS[question as QuestionId]}" is passed over: ${reason} (${by})`,
    isLocked
      ? `Its conclusion is still locked by ${lockedBy.join(', ')}.`
      : `Its conclusion is open now: kinetune study conclude ${name} "<what was learned>"`,
  ]);
  output.json({ study: name, question, reason, by, isLocked, lockedBy });
  return EXIT_CODES.ok;
}
