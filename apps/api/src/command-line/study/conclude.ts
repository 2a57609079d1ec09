/** `kinetune study conclude`. */
import type { Command } from 'commander';
import { concludeStudy } from '../../studies/conclude-study.ts';
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
  const { study: concluded, report } = await concludeStudy(db, study, words.join(' '));
  const { conclusion } = concluded;
  const { caveats } = report;
  output.result([`${study.name}: ${conclusion}`, ...caveats.map((caveat) => `  ${caveat}`)]);
  output.json({ study: study.name, conclusion, caveats });
  return EXIT_CODES.ok;
}
