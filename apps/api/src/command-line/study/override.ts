/** `kinetune study override`. */
import { userInfo } from 'node:os';
import { QUESTION_IDS, QUESTIONS, type QuestionId } from '@kinetune/search';
import { setOverride } from '@kinetune/storage';
import { didYouMean, InputError } from '@kinetune/study';
import { Option, type Command } from 'commander';
import { gatherReport } from '../../report/gather-report.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { namedStudyCommand, type NamedStudy, type StudyOptions } from './study-options.ts';

interface OverrideOptions extends StudyOptions {
  readonly question: string;
  readonly reason: string;
  readonly by?: string;
}

export function overrideCommand(): Command {
  return namedStudyCommand<OverrideOptions>(
    'override',
    'pass over a question before believing a result, with a reason that stays with the conclusion',
    override,
  )
    .addOption(new Option('--question <id>', `one of ${QUESTION_IDS.join(', ')}`).makeOptionMandatory())
    .addOption(new Option('--reason <text>', 'why the result holds all the same').makeOptionMandatory())
    .addOption(new Option('--by <name>', 'who says so (default: this user)'));
}

async function override({ storage, study, options, output }: NamedStudy<OverrideOptions>): Promise<number> {
  const { question, reason, by = userInfo().username } = options;
  if (!isQuestion(question)) {
    throw new InputError(
      'unknown-question',
      `--question: expected one of ${QUESTION_IDS.join(', ')}, got ${question}.${didYouMean(question, QUESTION_IDS)}`,
    );
  }
  if (reason.trim() === '')
    throw new InputError(
      'override-without-reason',
      `--reason: "${QUESTIONS[question]}" is passed over for a reason alone, got none`,
    );
  const changed = await setOverride(storage.db, study.id, {
    question,
    reason: reason.trim(),
    by,
    at: new Date().toISOString(),
  });
  const { checklist } = await gatherReport(storage.db, changed);
  output.result([
    `${study.name}: "${QUESTIONS[question]}" is passed over: ${reason.trim()} (${by})`,
    checklist.isLocked
      ? `Its conclusion is still locked by ${checklist.lockedBy.join(', ')}.`
      : `Its conclusion is open now: kinetune study conclude ${study.name} "<what was learned>"`,
  ]);
  output.json({
    study: study.name,
    question,
    reason: reason.trim(),
    by,
    isLocked: checklist.isLocked,
    lockedBy: checklist.lockedBy,
  });
  return EXIT_CODES.ok;
}

function isQuestion(text: string): text is QuestionId {
  return (QUESTION_IDS as readonly string[]).includes(text);
}
