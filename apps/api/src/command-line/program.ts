/** The `kinetune` command: its subcommands, options and help. */
import { Command } from 'commander';

import { backupCommand, moveCommand, restoreCommand } from './backup-command.ts';
import { checkTrainerCommand } from './check-trainer-command.ts';
import { cleanCommand } from './clean-command.ts';
import { dataCommand } from './data-command.ts';
import { devicesCommand } from './devices-command.ts';
import { EXIT_CODE_HELP } from './exit-codes.ts';
import { exportCommand } from './export-command.ts';
import { importCommand } from './import-command.ts';
import { reportCommand } from './report-command.ts';
import { serveCommand } from './serve-command.ts';
import { studyCommand } from './study/study-command.ts';
import { tokenCommand } from './token-command.ts';
import { trainCommand } from './train-command.ts';
import { workerCommand } from './worker-command.ts';

const EXAMPLES = `
Examples:
  kinetune train                                         the quick start on real watch recordings, about 4 minutes
  kinetune train studies/hapt-6.yaml --data ../shared/data
  kinetune train --trials 24                             extend the same study to 24 trials
  kinetune study show quick-start                        its findings again
  kinetune report quick-start                            whether they may be believed, and what to do next
  kinetune study check my-study.yaml                     what a study file resolves to, before it runs
  kinetune study refine quick-start                      the study that exploits what it explored
  kinetune data inspect recordings.zip                   what an import of it holds

Relative paths are read from the workspace folder (the one with nx.json), else from the current folder.
State lives in KINETUNE_HOME (default .kinetune in the workspace).
`;

/** The whole command line; `parseAsync` runs it. */
export function createProgram(): Command {
  const program = new Command('kinetune')
    .description("Tunes human-activity-recognition models by the Deep Learning Tuning Playbook's rules.")
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText('after', `${EXAMPLES}\n${EXIT_CODE_HELP}`);
  program.addCommand(trainCommand());
  program.addCommand(reportCommand());
  program.addCommand(dataCommand());
  program.addCommand(studyCommand());
  program.addCommand(importCommand());
  program.addCommand(exportCommand());
  program.addCommand(serveCommand());
  program.addCommand(workerCommand());
  program.addCommand(devicesCommand());
  program.addCommand(tokenCommand());
  program.addCommand(backupCommand());
  program.addCommand(restoreCommand());
  program.addCommand(moveCommand());
  program.addCommand(cleanCommand());
  program.addCommand(checkTrainerCommand());
  configure(program);
  return program;
}

/** Settings that commander does not hand down to subcommands. */
function configure(command: Command): void {
  command.showSuggestionAfterError(true).showHelpAfterError('(--help shows what there is)').exitOverride();
  command.configureHelp({ sortSubcommands: false, helpWidth: process.stdout.isTTY ? process.stdout.columns : 100 });
  command.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'Error: ')) });
  for (const sub of command.commands) configure(sub);
}
