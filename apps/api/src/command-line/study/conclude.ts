/** `kinetune study conclude`. */
import type { Command } from 'commander';
import { EXIT_CODES } from '../exit-codes.ts';
import { deskCommand, type AskedStudy, type StudyOptions } from './study-options.ts';

export function concludeCommand(): Command {
  return deskCommand<StudyOptions>(
    'conclude',
    'write down what was learned; refused while a question before believing it is open',
    conclude,
  ).argument('<text>', 'the conclusion, in place of an earlier one');
}

async function conclude({ desk, name, words, output }: AskedStudy<StudyOptions>): Promise<number> {
  const { conclusion, caveats } = await desk.conclude(name, words.join(' '));
  output.result([`${name}: ${conclusion}`, ...caveats.map((caveat) => `  ${caveat}`)]);
  output.json({ study: name, conclusion, caveats });
  return EXIT_CODES.ok;
}
