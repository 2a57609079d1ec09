/** What the commands on a study have in common. */
import type { Storage, Study } from '@kinetune/storage';
import { Command } from 'commander';
import { addCommonOptions } from '../common-options.ts';
import type { Output, OutputFlags } from '../output.ts';
import { openHome } from '../open-home.ts';
import { resolveHome } from '../paths.ts';
import { runCommand } from '../run-command.ts';
import { studyNamed } from '../study-named.ts';

export interface StudyOptions extends OutputFlags {
  readonly home?: string;
}

export interface NamedStudy<Options> {
  readonly storage: Storage;
  readonly study: Study;
  /** Arguments after the study's name. */
  readonly words: readonly string[];
  readonly options: Options;
  readonly output: Output;
}

/** A command whose first argument is the name of a study in the home; it may have more. */
export function namedStudyCommand<Options extends StudyOptions>(
  name: string,
  description: string,
  action: (named: NamedStudy<Options>) => Promise<number>,
): Command {
  return addCommonOptions(
    new Command(name).description(description).argument('<study>', 'the name of a study in the home'),
  ).action((...all: unknown[]) => {
    // Commander hands over the arguments, then the options, then the command.
    const options = all.at(-2) as Options;
    const [studyName, ...words] = all.slice(0, -2) as [string, ...string[]];
    return runCommand(options, async (output) => {
      await using storage = await openHome(resolveHome(options.home));
      return await action({ storage, study: await studyNamed(storage, studyName), words, options, output });
    });
  });
}
