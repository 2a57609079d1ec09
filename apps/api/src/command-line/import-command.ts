/** `kinetune import`: studies from elsewhere. */
import type { Storage } from '@kinetune/storage';
import { Command, Option } from 'commander';
import { importOptuna, type ImportedStudy } from '../exchange/import-optuna.ts';
import { importDocument } from '../exchange/import-document.ts';
import { count } from '../terminal/format.ts';
import { addCommonOptions, wholeNumber } from './common-options.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { Output, OutputFlags } from './output.ts';
import { openHome } from './open-home.ts';
import { resolveHome, resolveInputPath } from './paths.ts';
import { runCommand } from './run-command.ts';

interface ImportOptions extends OutputFlags {
  readonly home?: string;
  readonly as?: string;
}

interface OptunaOptions extends ImportOptions {
  readonly study?: string;
  readonly objective?: number;
  readonly metric?: string;
}

export function importCommand(): Command {
  const command = new Command('import').description('bring in a study that was run elsewhere; the file is only read');
  command.addCommand(
    importOf<OptunaOptions>(
      'optuna',
      'a study of an Optuna storage: an SQLite file, or a journal file',
      importOptunaStudy,
    )
      .addOption(new Option('--study <name>', 'which study, where the storage holds several'))
      .addOption(new Option('--objective <n>', 'which objective of several, from 0').argParser(wholeNumber(0)))
      .addOption(
        new Option(
          '--metric <name>',
          'what the objective is called here, e.g. validationMacroF1 (default: its own name)',
        ),
      ),
  );
  command.addCommand(
    importOf<ImportOptions>('kinetune', 'a study that `kinetune export --json` wrote', ({ storage, path, options }) =>
      importDocument(storage, path, { as: options.as, mayNameCommand: true }),
    ),
  );
  return command.addHelpText(
    'after',
    `
A study is imported whole or not at all, and changes none that is there. One of Optuna is a completed study that cannot be
trained further: \`kinetune study show\` and \`kinetune report\` read it, and \`from:\` in a study file starts from its results.

Examples:
  kinetune import optuna optuna.db
  kinetune import optuna optuna.db --study wisdm --as wisdm-optuna --metric validationMacroF1
  kinetune import kinetune quick-start.json --as quick-start-copy`,
  );
}

interface Import<Options> {
  readonly storage: Storage;
  readonly path: string;
  readonly options: Options;
}

function importOf<Options extends ImportOptions>(
  name: string,
  description: string,
  run: (asked: Import<Options>) => Promise<ImportedStudy>,
): Command {
  return addCommonOptions(
    new Command(name)
      .description(description)
      .argument('<file>', 'the file, which is not changed')
      .addOption(new Option('--as <name>', 'the name of the study here (default: its own)')),
  ).action((file: string, options: Options) =>
    runCommand(options, async (output) => {
      await using storage = await openHome(resolveHome(options.home));
      return tell(await run({ storage, path: resolveInputPath(file), options }), output);
    }),
  );
}

function importOptunaStudy({ storage, path, options }: Import<OptunaOptions>): Promise<ImportedStudy> {
  return importOptuna(storage, path, { ...options, now: new Date() });
}

function tell({ study, trials, notes }: ImportedStudy, output: Output): number {
  output.json({ study: study.name, trials, notes });
  output.result([
    `Imported ${study.name}: ${count(trials, 'trial')}.`,
    ...notes.map((note) => `  ${note}`),
    `Its findings: kinetune study show ${study.name}`,
  ]);
  return EXIT_CODES.ok;
}
