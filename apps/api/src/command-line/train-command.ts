/** `kinetune train`: its options and help. */
import { Command, Option } from 'commander';
import { addCommonOptions, wholeNumber } from './common-options.ts';
import { runCommand } from './run-command.ts';
import { DEFAULT_STUDY } from './study-source.ts';
import { train, type TrainOptions } from './train.ts';
import { addWorkOptions } from './work-options.ts';

export function trainCommand(): Command {
  const command = new Command('train')
    .description('run a study to its end, or continue it')
    .argument('[study-file]', 'a study file (YAML)', DEFAULT_STUDY)
    .addOption(
      new Option('--trials <n>', "trials in all, in place of the file's budget").argParser(wholeNumber(1, 1_000_000)),
    )
    .addOption(
      new Option('--seed <n>', "the study's seed, in place of the file's").argParser(wholeNumber(0, 2 ** 32 - 1)),
    )
    .addOption(new Option('--fresh', 'start the study anew under the next free name, and leave the old one as it is'))
    .addOption(new Option('--shuffle-labels', 'a control: permute the labels; it must not learn'))
    .addOption(new Option('-q, --quiet', 'no progress, only the findings'));
  return addCommonOptions(addWorkOptions(command))
    .addHelpText(
      'after',
      `
The study is known by the name in its file. The same study is continued: finished trials are kept. With another budget
it is extended; with anything else changed it is started as <name>.2, and what changed is said.
Ctrl-C stops cleanly: trials keep their finished epochs, and the same command goes on from there.

Where kinetune serve runs on the home the study is sent to it. Else it is trained here; with DATABASE_URL in that PostgreSQL
database, where kinetune serve, kinetune worker and further kinetune train may train at the same time, also trials of this study.

Progress goes to stderr and findings to stdout. With --json stdout holds one JSON object on one line, the findings; or
{"error": {...}} where the command fails.

Examples:
  kinetune train
  kinetune train studies/hapt-6.yaml --data ../shared/data
  kinetune train --trials 24 --slots 4
  kinetune train --json > findings.json`,
    )
    .action((file: string, options: TrainOptions) => runCommand(options, (output) => train(file, options, output)));
}
