/** `kinetune study override`. */
import { QUESTION_IDS, QUESTIONS, type QuestionId } from '@kinetune/search';
import { Option, type Command } from 'commander';
import { overrideQuestion } from '../../studies/conclude-study.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { byOption, type ByOption } from './by-option.ts';
import { namedStudyCommand, type NamedStudy, type StudyOptions } from './study-options.ts';

interface OverrideOptions extends StudyOptions, ByOption {
  readonly question: string;
  readonly reason: string;
}

export function overrideCommand(): Command {
  return namedStudyCommand<OverrideOptions>(
    'override',
    'pass over a question before believing a result, with a reason that stays with the conclusion',
    override,
  )
    .addOption(new Option('--question <id>', `one of ${QUESTION_IDS.join(', ')}`).makeOptionMandatory())
    .addOption(new Option('--reason <text>', 'why the result holds all the same').makeOptionMandatory())
    .addOption(byOption());
}

async function override({ storage, study, options, output }: NamedStudy<OverrideOptions>): Promise<number> {
  const { question, by } = options;
  const reason = options.reason.trim();
  const { report } = await overrideQuestion(storage.db, study, { question, reason, by, at: new Date() });
  const { checklist } = report;
  output.result([
    `${study.name}: "${QUESTIONS[question as QuestionId]}" is passed over: ${reason} (${by})`,
    checklist.isLocked
      ? `Its conclusion is still locked by ${checklist.lockedBy.join(', ')}.`
      : `Its conclusion is open now: kinetune study conclude ${study.name} "<what was learned>"`,
  ]);
  output.json({
    study: study.name,
    question,
    reason,
    by,
    isLocked: checklist.isLocked,
    lockedBy: checklist.lockedBy,
  });
  return EXIT_CODES.ok;
}
