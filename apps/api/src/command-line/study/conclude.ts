/** `kinetune study conclude`. */
import { setStudyWords } from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import type { Command } from 'commander';
import { gatherReport } from '../../report/gather-report.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { namedStudyCommand, type NamedStudy, type StudyOptions } from './study-options.ts';

export function concludeCommand(): Command {
  return namedStudyCommand<StudyOptions>(
    'conclude',
    'write down what was learned; refused while a question before believing it is open',
    conclude,
  ).argument('<text>', 'the conclusion, in place of an earlier one');
}

async function conclude({ storage: { db }, study, words, output }: NamedStudy<StudyOptions>): Promise<number> {
  const conclusion = words.join(' ').trim();
  if (conclusion === '') throw new InputError('conclusion-empty', 'expected what was learned, got nothing');
  const { checklist, caveats } = await gatherReport(db, study);
  if (checklist.isLocked) {
    const open = checklist.answers
      .filter(({ isLocking }) => isLocking)
      .map(({ id, question, parts }) => `\n  ${id}: ${question} ${parts.map(({ reason }) => reason).join('; ')}`);
    throw new InputError(
      'conclusion-locked',
      `the conclusion of ${study.name} is locked: expected every question before believing it to be answered, and open are${open.join('')}\nAnswer them (kinetune report ${study.name} says how), or pass over each with a reason: kinetune study override ${study.name} --question <id> --reason <text>`,
    );
  }
  await setStudyWords(db, study.id, { conclusion });
  output.result([`${study.name}: ${conclusion}`, ...caveats.map((caveat) => `  ${caveat}`)]);
  output.json({ study: study.name, conclusion, caveats });
  return EXIT_CODES.ok;
}
