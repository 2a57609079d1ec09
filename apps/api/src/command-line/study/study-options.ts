/** What the commands on a study have in common. */
import type { Storage, Study } from '@kinetune/storage';
import { Command } from 'commander';
import { studyNamed } from '../../studies/study-named.ts';
import { addCommonOptions } from '../common-options.ts';
import { openDesk } from '../desk/open-desk.ts';
import type { StudyDesk } from '../desk/study-desk.ts';
import type { Output, OutputFlags } from '../output.ts';
import { openHome } from '../open-home.ts';
import { resolveHome } from '../paths.ts';
import { runCommand } from '../run-command.ts';

export interface StudyOptions extends OutputFlags {
  readonly home?: string;
}

interface Asked<Options> {
  /** Arguments after the study's name. */
  readonly words: readonly string[];
  readonly options: Options;
  readonly output: Output;
}

export interface AskedStudy<Options> extends Asked<Options> {
  readonly desk: StudyDesk;
  readonly name: string;
}

export interface NamedStudy<Options> extends Asked<Options> {
  readonly storage: Storage;
  readonly study: Study;
}

/** A command about the study that its first argument names, also while an API has the home open; it may have more arguments. */
export function deskCommand<Options extends StudyOptions>(
  name: string,
  description: string,
  action: (asked: AskedStudy<Options>) => Promise<number>,
): Command {
  return commandOn<Options>(name, description, async (studyName, asked) => {
    await using desk = await openDesk(resolveHome(asked.options.home));
    return await action({ ...asked, desk, name: studyName });
  });
}

/** The same for a command that works on the database itself, which it cannot while an API has an embedded home open. */
export function namedStudyCommand<Options extends StudyOptions>(
  name: string,
  description: string,
  action: (named: NamedStudy<Options>) => Promise<number>,
): Command {
  return commandOn<Options>(name, description, async (studyName, asked) => {
    await using storage = await openHome(resolveHome(asked.options.home));
    return await action({ ...asked, storage, study: await studyNamed(storage.db, studyName) });
  });
}

function commandOn<Options extends StudyOptions>(
  name: string,
  description: string,
  action: (studyName: string, asked: Asked<Options>) => Promise<number>,
): Command {
  return addCommonOptions(
    new Command(name).description(description).argument('<study>', 'the name of a study in the home'),
  ).action((...all: unknown[]) => {
    // Commander hands over the arguments, then the options, then the command.
    const options = all.at(-2) as Options;
    const [studyName, ...words] = all.slice(0, -2) as [string, ...string[]];
    return runCommand(options, (output) => action(studyName, { words, options, output }));
  });
}
